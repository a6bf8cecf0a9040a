""" "Ask about this": what a first question is about, and when it is not."""

from uuid import UUID

import pytest

from supportbot.conversations.transcript import Browser
from supportbot.database import Database
from supportbot.knowledge.importing import import_folder
from supportbot.knowledge.retrieval import Found, Retrieval
from supportbot.turns.assistant import Said
from supportbot.turns.subject import Subject, find, introduced, named_in, subject_of
from tests.people import ALICE, conversation_of, says
from tests.scripted import small_desk

pytestmark = pytest.mark.anyio

PAGE = "https://support.acme.example/?about=refund"
ARTICLES = {
    "refund.md": "# How to get a refund\n\nAsk the team.\n\n## How long it takes\n\nIt takes five days.",
    "import.md": "# Import your data\n\nFrom a file.\n\n## How long it takes\n\n"
    "An import takes two hours, and long files take longer. How long it takes: it takes as long as it takes.",
    "pay.md": "# Ways to pay\n\nYou can pay by card.",
}
SUBJECT = Subject(
    "refund", "How to get a refund", frozenset({"refund", "long", "take", "five", "day", "get"})
)


@pytest.fixture
async def articles(database: Database, tmp_path) -> Retrieval:
    for name, text in ARTICLES.items():
        (tmp_path / name).write_text(text)
    await import_folder(database, tmp_path)
    return Retrieval(database)


async def from_the_article(database: Database, page: str = PAGE) -> UUID:
    return (await conversation_of(database, ALICE, Browser(page=page))).id


@pytest.mark.parametrize(
    ("page", "slug"),
    [
        (PAGE, "refund"),
        ("/?about=a%20b&x=1", "a b"),
        ("https://support.acme.example/", ""),
        ("", ""),
        ("?about=", ""),
        ("?about=a%00b", ""),
        ("http://[", ""),
        ("?" + "a=1&" * 50, ""),
    ],
)
def test_the_address_names_the_article(page, slug):
    assert named_in(page) == slug


async def test_a_question_that_means_nothing_alone_is_about_the_article(database, articles):
    subject = await subject_of(database, await from_the_article(database), [])
    assert subject.title == "How to get a refund"
    assert (await articles.find("How long does it take?")).hits[0].slug == "import"
    found = await find(articles, "How long does it take?", subject)
    assert (found.hits[0].slug, found.hits[0].heading) == ("refund", "How long it takes")
    assert found.confident


@pytest.mark.parametrize(
    ("question", "slug"), [("Can I pay by card?", "pay"), ("How long does an import take?", "import")]
)
async def test_a_question_about_something_else_is_not(database, articles, question, slug):
    subject = await subject_of(database, await from_the_article(database), [])
    assert (await find(articles, question, subject)).hits[0].slug == slug


async def test_what_the_article_does_not_say_is_not_answered_from_it(database, articles):
    subject = await subject_of(database, await from_the_article(database), [])
    assert not (await find(articles, "Can I have it in bitcoin?", subject)).confident


@pytest.mark.parametrize(
    "page", ["", "/?about=nothing", "/?about=import&about=refund", "/?about=%3Cscript%3E"]
)
async def test_only_a_published_article_is_a_subject(database, articles, page, tmp_path):
    (tmp_path / "import.md").unlink()
    await import_folder(database, tmp_path)
    assert await subject_of(database, await from_the_article(database, page), []) is None


async def test_it_holds_for_the_first_answer_only_and_the_assistant_is_told(database, articles):
    desk = small_desk(database)
    conversation = await from_the_article(database)
    await says(database, conversation, "How long does it take?")
    desk.assistant.says("Five days.").then.says("Two hours.")
    await desk.take_turn(conversation)
    await says(database, conversation, "And with a file?")
    await desk.take_turn(conversation)

    first, second = desk.assistant.requests
    assert first.history[0] == Said(
        "user", '(From the help article "How to get a refund")\nHow long does it take?'
    )
    assert second.history[0] == Said("user", "How long does it take?")
    # What is stored, shown and passed on to people is what the customer wrote.
    assert (await desk.messages(conversation))[0].content == "How long does it take?"


class Elsewhere:
    """Finds nothing in the article, whatever is asked."""

    def __init__(self) -> None:
        self.questions: list[str] = []

    async def find(self, question: str, limit: int = 5) -> Found:
        self.questions.append(question)
        return Found((), False)


async def test_a_title_that_does_not_help_is_left_out():
    retrieval = Elsewhere()
    await find(retrieval, "How long does it take?", SUBJECT)
    assert retrieval.questions == ["How to get a refund\nHow long does it take?", "How long does it take?"]


def test_a_window_that_begins_with_somebody_else_stays_as_it_is():
    window = (Said("staff", "Sam: Hello"), Said("user", "How long?"))
    assert introduced(window, SUBJECT) == window
    assert introduced((), SUBJECT) == ()
    assert introduced(window[1:], None) == window[1:]
