import pytest

from supportbot.knowledge.indexing import Indexed
from supportbot.knowledge.vocabulary import Vocabulary, is_slip


def vocabulary(*texts):
    return Vocabulary(Indexed.of("", "", text) for text in texts)


def test_a_word_is_the_rarer_the_fewer_passages_have_it():
    known = vocabulary("refund card", "card card", "card time")
    assert known.rarity("unheard") > known.rarity("refund") > known.rarity("card") > 0
    assert known.passages_with("card") == 3
    assert "refund" in known
    assert "unheard" not in known


def test_an_empty_collection_knows_nothing():
    empty = vocabulary()
    assert empty.nearest("refund") is None
    assert empty.average_length == 1
    assert empty.rarity("refund") >= 0


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("adress", "address"),
        ("montior", "monitor"),
        ("refundd", "refund"),
        ("passwurd", "password"),
        ("dwon", "down"),
    ],
)
def test_one_slip_is_recognised(typed, meant):
    assert is_slip(typed, meant)
    assert vocabulary(meant).nearest(typed) is not None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("firm", "form"),  # another short word
        ("night", "right"),  # another first letter
        ("refund", "refund"),
        ("pasword", "passworte"),  # two slips
        ("cat", "cart"),
        ("", "a"),
        ("a", ""),
    ],
)
def test_other_words_are_not_slips(typed, meant):
    assert not is_slip(typed, meant)


def test_the_more_frequent_word_is_meant():
    assert vocabulary("monitor", "monitor", "monitar").nearest("monitr") == "monitor"


def test_stored_terms_are_read_back():
    words = Indexed.of(
        "How to pay", "By card", "Open [the page](https://example.com/pay?x=1). See https://a.example"
    )
    assert Indexed.read(words.stored()) == words
    assert words.body == ("open", "the", "page", "see")
    assert Indexed.read(Indexed((), (), ()).stored()) == Indexed((), (), ())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("notifcaiton", "notification"),
        ("passwrods", "password"),
        ("xpassword", "password"),
        ("config", "configuration"),
        ("rechnungsadresse", "rechnung"),
        ("конфигурации", "конфигурация"),
    ],
)
def test_words_are_spelled_alike_that_share_most_of_their_trigrams(typed, meant):
    (stemmed,) = Indexed.of("", "", meant).body
    assert [term for term, _ in vocabulary(meant, "station", "passport office").alike(typed)] == [stemmed]


@pytest.mark.parametrize("typed", ["station", "nation", "firm", "passage"])
def test_words_that_only_sound_alike_are_not(typed):
    assert vocabulary("notification", "form", "password").alike(typed) == []


def test_the_word_that_is_most_alike_comes_first():
    found = vocabulary("notification notifications", "configuration", "configure").alike("configurator")
    assert [share for _, share in found] == sorted((share for _, share in found), reverse=True)


def test_a_letter_of_a_language_without_spaces_finds_its_pairs():
    assert set(vocabulary("返金方法").pairs_with("金")) == {"返金", "金方"}
    assert vocabulary("返金方法").pairs_with("卵") == []
