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


def by_closeness(question, passages):
    words = [Indexed.of(*passage) for passage in passages]
    vocabulary = Vocabulary(words)
    candidates = [
        Candidate((passage[0], at), (passage[0], passage[1]), words[at], closeness=0.6 - at / 100)
        for at, passage in enumerate(passages)
    ]
    found = rank(understand(question, vocabulary), candidates, vocabulary, 5)
    return [passages[best.candidate.key[1]][1] for best in found]


REFUNDS = [
    ("How to get a refund", "My request was declined", "The mail about the refund states why."),
    ("How to get a refund", "Who can ask", "Only the owner asks for a refund."),
    ("How to get a refund", "Cards", "A refund goes to the card."),
    ("How to get a refund", "", "You get a refund within thirty days. Ask for it on the page of invoices."),
    ("Plans", "Money back", "There is a refund."),
]


def test_a_question_that_only_names_the_article_is_not_answered_from_a_special_case():
    assert by_closeness("How do I get a refund?", REFUNDS)[0] == ""
    assert by_closeness("refund", REFUNDS)[0] == ""
    assert headings("How do I get a refund?", passages=REFUNDS)[0] == ""


def test_a_question_that_names_the_special_case_is_answered_from_it():
    assert by_closeness("Why was my refund declined?", REFUNDS)[0] == "My request was declined"
    assert by_closeness("refund to my card", REFUNDS)[0] == "Cards"


def test_headings_that_ask_or_deny_otherwise_are_special_cases():
    passages = [
        ("Import tasks", "Who can see an import", "The importer sees the import."),
        ("Import tasks", "The import does not work", "Try the import again."),
        ("Import tasks", "How to import", "Choose the file to import."),
    ]
    assert by_closeness("How do I import?", passages)[0] == "How to import"
    assert by_closeness("Who can import?", passages)[0] == "Who can see an import"
    assert by_closeness("My import doesn't work", passages)[0] == "The import does not work"


def test_how_long_asks_otherwise_than_how_and_what_no_article_has_changes_nothing():
    passages = [
        ("How to get a refund", "How long a refund takes", "A refund takes ten days."),
        ("How to get a refund", "", "A refund is possible."),
        ("How to get a refund", "How to ask for a refund", "Open the page and ask for the refund."),
    ]
    for question in ("How do I get a refund?", "How do I get a refund for b1c2d3e4?"):
        assert by_closeness(question, passages)[0] == "How to ask for a refund", question
    assert by_closeness("How long for a refund?", passages)[0] == "How long a refund takes"


def test_words_of_conversation_that_articles_hold_are_asked_for_too():
    passages = [
        ("Pages load slowly", "Phones", "The app is slow on old phones."),
        ("Mobile app", "", "The app is free."),
        ("Plans", "", "The app comes with every plan."),
        ("Tasks", "", "Open the app and see them."),
    ]
    assert by_closeness("The app is so slow!", passages)[0] == "Phones"


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
