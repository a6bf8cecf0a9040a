from supportbot.knowledge.indexing import Indexed
from supportbot.knowledge.questions import understand
from supportbot.knowledge.ranking import Candidate, confident, rank
from supportbot.knowledge.vocabulary import Vocabulary

PASSAGES = [
    (
        "How to get a refund",
        "How to ask for a refund",
        "Open Billing, choose the invoice and send the request.",
    ),
    ("How to get a refund", "How long a refund takes", "The money arrives within ten business days."),
    ("Plans and prices", "Team", "Ten dollars for each member. A refund is possible."),
    ("Import your tasks", "From a spreadsheet", "Save the spreadsheet as CSV and upload it."),
    ("Import your tasks", "Import errors", "An error names the row of the spreadsheet."),
    ("Two-step sign-in", "", "Scan the code with an authenticator app."),
]


def ranked(question, passages=PASSAGES, limit=5):
    words = [Indexed.of(*passage) for passage in passages]
    vocabulary = Vocabulary(words)
    candidates = [
        Candidate((passage[0], at), (passage[0], passage[1]), words[at])
        for at, passage in enumerate(passages)
    ]
    return rank(understand(question, vocabulary), candidates, vocabulary, limit)


def headings(question, **options):
    passages = options.get("passages", PASSAGES)
    return [passages[best.candidate.key[1]][1] for best in ranked(question, **options)]


def test_a_word_in_a_heading_weighs_more_than_one_in_the_text():
    assert headings("refund?")[-1] == "Team"


def test_a_heading_that_asks_the_same_way_comes_first():
    assert headings("How do I get a refund?")[0] == "How to ask for a refund"
    assert headings("How long for a refund?")[0] == "How long a refund takes"


def test_the_passage_that_covers_more_of_the_question_comes_first():
    assert headings("error in a row of my spreadsheet")[0] == "Import errors"


def test_passages_without_a_word_of_the_question_are_left_out():
    assert headings("authenticator") == [""]
    assert headings("furniture") == []


def test_no_more_than_the_limit_are_returned():
    assert len(headings("refund spreadsheet", limit=2)) == 2


def test_parts_of_one_section_and_copies_of_it_are_returned_once():
    text = "Send the request to the billing team and wait for the refund."
    passages = [
        ("A", "Refund", text),
        ("A", "Refund", text + " More."),
        ("A v2", "Refund", text),
        ("B", "Other", "refund"),
    ]
    assert headings("refund request", passages=passages) == ["Refund", "Other"]


def test_ties_are_settled_by_place_so_that_both_databases_agree():
    passages = [("B", "one", "apple tree"), ("A", "two", "apple pie")]
    assert headings("apple", passages=passages) == ["two", "one"]


def test_answerable_questions_are_confident():
    for question in (
        "How do I get a refund?",
        "import spreadsheet errors",
        "authenticator code",
        "refnud request",
    ):
        assert confident(ranked(question)), question


def test_questions_nobody_wrote_about_are_not_confident():
    for question in (
        "Do you sell garden furniture?",
        "what's the weather in Paris",
        "how tall is the row of houses",
        "hello",
        "",
    ):
        assert not confident(ranked(question)), question


def test_one_word_somewhere_in_a_text_is_no_answer():
    assert not confident(ranked("business"))
    assert confident(ranked("spreadsheet"))
