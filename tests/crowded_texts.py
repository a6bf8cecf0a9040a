"""What people and the assistant write, by the hundred thousand: few words often, many rarely."""

import random


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


RARE_WORD = "zephyrine"
COMMON_WORD = "invoice"
JAPANESE = "有効期限"
FIRST = _words(
    "Alice Bob Carla Dimitri Elena Farid Grace Hugo Ines Jonas Kenji Lena Mario Nadia Omar Petra Quinn"
)
LAST = _words(
    "Adams Brandt Costa Dubois Eriksen Fischer Garcia Hansen Ivanov Jansen Kowalski Lopez Meier Novak"
)

_SMALL = _words("""
    i we you the a an my your our it is was are be have had do does did can could would will to of in on for
    with from at by and or but not so if when how why what which after before again still just now please
""")
_THINGS = _words("""
    invoice refund payment card account plan team seat subscription order delivery password email address
    login export import project task calendar report page button app phone browser error message file upload
    download trial price tax receipt charge bank transfer limit token webhook integration admin role guest
    member workspace setting language time backup data security audit history version comment label filter
""")
_DOES = _words("find change cancel add remove send receive open close pay get see check update move share")
_SYLLABLES = _words(
    "ba be bi bo da de di do fa ge go ka ke ki la le li lo ma me mi mo na ne ni no pa pe po ra"
)
_IN_JAPANESE = (
    "返金はいつ届きますか。",
    "請求書が間違っているようです。",
    "パスワードを忘れてログインできません。",
    "プランを変更したいのですが、どうすればよいですか。",
    "カードの有効期限が切れています。",
    "データの書き出しは設定画面からできます。",
)
_SENTENCES = 8_000


class Texts:
    """The same texts for the same seed."""

    def __init__(self, seed: int) -> None:
        self._chance = chance = random.Random(seed)
        self._rare = ["".join(chance.choices(_SYLLABLES, k=chance.choice((3, 3, 4)))) for _ in range(15_000)]
        # The first things are spoken of all the time, the last hardly ever.
        self._things = [thing for at, thing in enumerate(_THINGS) for _ in range(60 // (at + 3) + 1)]
        self._said = [self._sentence() for _ in range(_SENTENCES)]

    def question(self, language: str) -> str:
        """What a customer writes."""
        if language == "ja":
            return self._chance.choice(_IN_JAPANESE)
        text = " ".join(self._chance.choices(self._said, k=self._chance.choice((1, 1, 2))))
        if self._chance.random() < 0.1:
            text += f" It is order INV-{self._chance.randrange(10**6):06d}."
        return text

    def answer(self, language: str) -> str:
        """What the assistant or a colleague writes."""
        if language == "ja":
            return "".join(self._chance.choices(_IN_JAPANESE, k=3))
        return " ".join(self._chance.choices(self._said, k=self._chance.choice((2, 3, 4))))

    def _sentence(self) -> str:
        words = [self._word() for _ in range(self._chance.randint(6, 14))]
        return " ".join(words).capitalize() + "."

    def _word(self) -> str:
        drawn = self._chance.random()
        if drawn < 0.55:
            return self._chance.choice(_SMALL)
        if drawn < 0.85:
            return self._chance.choice(self._things)
        return self._chance.choice(_DOES if drawn < 0.95 else self._rare)
