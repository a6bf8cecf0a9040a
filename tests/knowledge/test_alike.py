"""Which questions ask the same thing."""

import pytest

from supportbot.knowledge.alike import Groups, Rarity, in_common, language_of, terms_of

NOTHING_KNOWN = Rarity.among([])


def are_one(*questions: str) -> bool:
    """Whether they all go into the group that the first one begins."""
    groups: Groups[str] = Groups({})
    begun = []
    for question in questions:
        terms = terms_of(question)
        if groups.of(terms) is None:
            groups.add(question, terms)
            begun.append(question)
    return len(begun) == 1


@pytest.mark.parametrize(
    "questions",
    [
        ("How do I export my data?", "can i export data"),
        ("How do I export my data?", "Hello, please help me: I want to export my data. Thank you"),
        ("How do I export my data?", "EXPORTING DATA", "export all our data to excel"),
        ("export data", "Please help me, I want to export all my data to Excel before Friday, thanks"),
        ("Do you sell garden furniture made of oak?", "is there oak furniture for the garden"),
        ("How do I get a refund?", "refund please"),
        ("データをエクスポートする方法は？", "データのエクスポート"),
        ("Kann ich meine Daten exportieren?", "daten exportieren"),
    ],
)
def test_the_same_question_in_other_words_is_one(questions: tuple[str, ...]) -> None:
    assert are_one(*questions)


@pytest.mark.parametrize(
    "questions",
    [
        ("How do I export my data?", "How do I import data?"),
        ("How do I export my data?", "It is important to me that my data is safe"),
        ("Cancel my subscription", "How do I renew my subscription?"),
        ("How do I change my billing email?", "How do I change my login email?"),
        ("データをエクスポートする方法は？", "データのインポート"),
        ("Refund", "Refund by card"),
    ],
)
def test_what_shares_only_some_words_is_another_question(questions: tuple[str, ...]) -> None:
    assert not are_one(*questions)


@pytest.mark.parametrize(
    "words",
    [
        *(
            "",
            "Hi",
            "Hello there, good morning!",
            "thanks a lot",
            "Can you help me please?",
            "ok",
            "👍",
            "???",
        ),
        *("You are a useless idiot", "what the fuck", "Danke", "Bonjour", "merde"),
    ],
)
def test_greetings_thanks_and_abuse_ask_nothing(words: str) -> None:
    assert terms_of(words) == ()


def test_somebody_angry_may_ask_something_all_the_same() -> None:
    assert "export" in terms_of("Why the hell can I not export this shit?")


def test_a_rare_word_says_more_than_one_that_everybody_uses() -> None:
    common = Rarity.among([("data", f"word{number}") for number in range(200)])

    assert common(("data", "webhook"), ("data", "invoice")) < common(("data", "invoice"), ("invoice", "tax"))


def test_a_group_is_known_by_what_most_of_its_questions_have() -> None:
    assert set(in_common([("export", "data", "excel"), ("export", "data"), ("export", "data", "csv")])) == {
        "export",
        "data",
    }
    assert in_common([("a", "b"), ("c", "d")]) == ("a", "b"), "nothing in common: what it began with"
    assert in_common([]) == ()


def test_no_words_are_like_no_words() -> None:
    assert NOTHING_KNOWN((), ()) == 0
    assert Groups({}).of(("export",)) is None
    assert Groups({1: ()}).of(()) is None


def test_a_question_goes_to_the_group_it_is_most_like() -> None:
    groups = Groups({1: ("export", "data"), 2: ("export", "data", "excel"), 3: ("import", "data")})

    assert groups.of(("data", "excel", "export")) == 2
    assert groups.of(("data", "export", "friday")) == 1


def test_another_judge_of_likeness_may_be_asked() -> None:
    groups = Groups({1: ("export", "data")}, lambda one, other: 1.0 if "data" in one else 0.0)

    assert groups.of(("data", "elephant")) == 1
    assert groups.of(("export", "data")[:1]) is None


def test_thousands_of_groups_are_searched_quickly_because_few_share_a_word() -> None:
    asked = []

    def counting(one: object, other: object) -> float:
        asked.append(other)
        return 0.0

    Groups({number: (f"word{number}", "~thank") for number in range(5_000)}, counting).of(("word7", "~thank"))

    assert len(asked) == 1


@pytest.mark.parametrize(
    ("question", "browser", "language"),
    [
        ("How do I export my data?", "de-CH", "en"),
        ("Wie kann ich meine Daten exportieren?", "en-US", "de"),
        ("¿Cómo puedo exportar mis datos?", None, "es"),
        ("Comment est-ce que je peux exporter mes données ?", None, "fr"),
        ("Export", "de-CH", "de"),
        ("データのエクスポート", "en", "ja"),
        ("كيف يمكنني ربط حسابي مع Slack؟", "en", "ar"),
        ("Как экспортировать данные?", "uk-UA", "uk"),
        ("如何导出数据？", None, "zh"),
        ("Export", None, ""),
    ],
)
def test_the_small_words_tell_the_language_or_else_the_browser(
    question: str, browser: str | None, language: str
) -> None:
    assert language_of(question, browser) == language


def test_a_very_long_text_is_read_only_so_far() -> None:
    assert len(terms_of("data " * 100_000)) == 1
