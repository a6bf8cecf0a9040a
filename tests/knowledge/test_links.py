import pytest

from supportbot.knowledge.links import between_articles, from_elsewhere, readdress
from tests.endings import comes_to_an_end

SLUGS = {
    "refunds/how-to.md": "how-to",
    "billing/plans.md": "plans",
    "refund/index.md": "refund",
    "api.md": "api",
    "zahlung/größe.md": "größe",
}


def linked(markdown, path="refunds/how-to.md"):
    return readdress(markdown, between_articles(path, SLUGS))


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("../billing/plans.md", "/help/plans"),
        ("../billing/plans.md#prices", "/help/plans#prices"),
        ("../billing/plans", "/help/plans"),
        ("../billing/plans.html", "/help/plans"),
        ("../refund/index.md", "/help/refund"),
        ("../refund/", "/help/refund"),
        ("/api.md", "/help/api"),
        ("../zahlung/gr%C3%B6%C3%9Fe.md", "/help/gr%C3%B6%C3%9Fe"),
        ("<../api.md>", "/help/api"),
        ('../api.md "The title"', "/help/api"),
    ],
)
def test_links_to_other_files_lead_to_their_help_pages(written, address):
    assert linked(f"See [this]({written}).") == f"See [this]({address})."


def test_links_written_for_a_site_of_folders_are_understood():
    assert linked("[api](../../api/)", path="billing/plans.md") == "[api](/help/api)"


@pytest.mark.parametrize(
    "written", ["../missing.md", "../../../etc/passwd", "/", "javascript:alert(1)", "data:x", ""]
)
def test_a_link_that_leads_nowhere_becomes_its_words(written):
    assert linked(f"See [this]({written}).") == "See this."


@pytest.mark.parametrize(
    "written", ["https://example.com/a_(b)?b=c", "mailto:help@example.com", "#exceptions", "/help/api#keys"]
)
def test_links_that_work_stay(written):
    assert linked(f"See [this]({written}).") == f"See [this]({written})."


def test_code_and_escaped_brackets_are_no_links():
    text = "`[a](b.md)` and \\[a](b.md)\n\n```\n[a](b.md)\n```"
    assert linked(text) == text


def test_a_quoted_passage_points_into_its_own_page():
    address = from_elsewhere("/help/refund")
    text = "[a](#exceptions) [b](other.md) [c](https://example.com) [d](/help/api)"
    assert readdress(text, address) == (
        "[a](/help/refund#exceptions) b [c](https://example.com) [d](/help/api)"
    )


@pytest.mark.parametrize("piece", ["[", "[a](", "[a](<", "](", "[a](b(", "[a](()", '[a](b "'])
def test_hostile_links_are_quick(piece):
    with comes_to_an_end():
        linked((piece * 100_000)[:100_000])
