from uuid import uuid4

import pytest

from supportbot.integrations.articles_only import (
    ASK_A_PERSON,
    NOTHING_FOUND,
    SAY_MORE,
    WELCOME,
    ArticlesOnly,
    in_pieces,
)
from supportbot.knowledge.retrieval import Hit
from supportbot.rendering import render
from supportbot.turns.assistant import AnswerRequest, Assistant, Cited, Finished, TextDelta
from supportbot.turns.control import ControlWord

pytestmark = pytest.mark.anyio


def hit(
    passage_id=1, slug="refund", title="Refunds", heading="", score=10.0, body="Within 30 days.", likely=False
):
    return Hit(passage_id, uuid4(), slug, title, heading, "anchor", body, score, likely=likely)


async def events(*hits, question="How do I get a refund?", confident=True, **options):
    request = AnswerRequest(
        system="", history=(), question=question, passages=tuple(hits), confident=confident, **options
    )
    return [event async for event in ArticlesOnly(pace=0).answer(request)]


async def said(*hits, **options):
    return "".join(event.text for event in await events(*hits, **options) if isinstance(event, TextDelta))


async def test_it_quotes_the_best_passage_and_names_its_article():
    text = await said(hit(heading="Asking > By mail", body="Write to us.\n\n- with a name\n- and a date"))
    assert (
        text == "From our article **Refunds**, under By mail:\n\nWrite to us.\n\n- with a name\n- and a date"
    )


async def test_an_introduction_needs_no_heading():
    assert await said(hit()) == "From our article **Refunds**:\n\nWithin 30 days."


async def test_an_article_about_the_control_word_does_not_use_it():
    text = await said(hit(body="The word [ESCALATE], or [escalate], calls people."))
    control = ControlWord()
    assert control.feed(text) + control.finish() == text
    assert not control.escalates
    assert "The word [ESCALATE], or [escalate], calls people." in render(text)


async def test_it_cites_what_it_quotes_and_ends_like_any_assistant():
    found = await events(hit(7), hit(8, slug="plans"))
    assert [event for event in found if isinstance(event, Cited)] == [Cited(7)]
    assert found[-1] == Finished("end_turn")


async def test_three_other_articles_are_named_at_the_end():
    others = [hit(at, slug=f"s{at}", title=f"T{at}", score=9) for at in range(2, 6)]
    same = hit(9, heading="Another section", score=9.5)
    text = await said(hit(heading="Cards"), same, others[0], others[0], *others[1:])
    assert text.endswith(
        "\n\nSee also: [T2](/help/s2#anchor) · [T3](/help/s3#anchor) · [T4](/help/s4#anchor)"
    )


async def test_after_an_introduction_the_sections_of_its_article_are_named_too():
    asking = hit(2, heading="How to > Ask for it", score=9)
    text = await said(hit(), asking, hit(3, slug="plans", title="Plans", heading="Money back", score=8))
    assert text.endswith("\n\nSee also: [Ask for it](/help/refund#anchor) · [Plans](/help/plans#anchor)")


async def test_articles_of_the_same_name_are_told_apart():
    text = await said(
        hit(heading="Cards"), hit(2, slug="b", heading="Mail", score=9), hit(3, slug="c", score=8)
    )
    assert text.endswith("\n\nSee also: [Refunds \\> Mail](/help/b#anchor) · [Refunds](/help/c#anchor)")


async def test_articles_that_fit_much_worse_are_not_named():
    assert "See also" not in await said(hit(), hit(2, slug="other", score=6.4))


async def test_without_confidence_it_says_so_and_offers_a_person():
    text = await said(hit(), question="Do you sell garden furniture?", confident=False)
    assert text == f"{NOTHING_FOUND} {ASK_A_PERSON}"
    assert "Talk to a person" in text
    assert await said(question="Do you sell furniture?", confident=True) == text


async def test_what_only_may_answer_is_quoted_as_a_guess_with_the_way_to_a_person():
    near = [hit(7, likely=True, heading="Cards"), hit(8, slug="plans", title="Plans", score=9)]
    text = await said(*near, question="Do you take my old card back?", confident=False)
    assert text == (
        "I am not sure this answers it. The closest I found is in our article **Refunds**, under Cards:\n\n"
        f"Within 30 days.\n\nSee also: [Plans](/help/plans#anchor)\n\n{ASK_A_PERSON}"
    )
    found = await events(*near, question="Do you take my old card back?", confident=False)
    assert [event for event in found if isinstance(event, Cited)] == [Cited(7)]


async def test_a_greeting_is_no_question_whatever_it_is_close_to():
    assert await said(hit(likely=True), question="hello", confident=False) == SAY_MORE


async def test_a_customer_who_waits_is_not_sent_to_ask_again():
    text = await said(question="Do you sell furniture?", confident=False, may_escalate=False, waits=True)
    assert "Talk to a person" not in text
    assert "Your place is kept" in text


async def test_a_customer_who_no_longer_waits_is_not_told_that_they_do():
    text = await said(question="Do you sell furniture?", confident=False, may_escalate=False)
    assert "Talk to a person" in text
    assert "place" not in text


@pytest.mark.parametrize("question", ["hello", "Hi!", "can you help me please", "how?", ""])
async def test_a_greeting_is_asked_for_a_question(question):
    assert await said(question=question, confident=False) == SAY_MORE


@pytest.mark.parametrize("question", ["thanks a lot", "Thank you!", "danke"])
async def test_thanks_are_welcome(question):
    assert await said(question=question, confident=False) == WELCOME


async def test_links_of_the_article_never_come_out_broken():
    body = "See [plans](../plans.md), [below](#later), [us](https://example.com) and [this](/help/other)."
    text = await said(hit(body=body))
    assert text.endswith(
        "See plans, [below](/help/refund#later), [us](https://example.com) and [this](/help/other)."
    )


async def test_a_title_is_shown_as_it_is_written():
    title = "**[A](javascript:x)** <b>_&_</b>"
    html = render(await said(hit(title=title)))
    assert "<strong>**[A](javascript:x)** &lt;b&gt;_&amp;_&lt;/b&gt;</strong>" in html


async def test_the_answer_grows_in_small_pieces():
    body = " ".join(f"word{at}" for at in range(100))
    pieces = [event.text for event in await events(hit(body=body)) if isinstance(event, TextDelta)]
    assert len(pieces) > 30
    assert max(len(piece.split()) for piece in pieces) <= 3


@pytest.mark.parametrize("text", ["a b c d", "  a\n\nb ", "返金" * 500, "", " ", "x" * 1_000, "a\u2028b"])
async def test_pieces_together_are_the_text(text):
    assert "".join(in_pieces(text)) == text


async def test_it_always_answers_alike():
    assert await said(hit(), hit(2, slug="b")) == await said(hit(), hit(2, slug="b"))


async def test_it_is_an_assistant():
    assistant: Assistant = ArticlesOnly()
    assert (assistant.name, assistant.model) == ("articles_only", "")
