import pytest

from supportbot.knowledge.files import ImportedArticle, Skipped
from supportbot.knowledge.formats import read_file
from supportbot.knowledge.formats.web_pages import DEEPEST, MOST_TAGS, looks_like_html

PAGE = """<!doctype html><html lang="de-AT"><head>
<title>Refunds | Acme Help</title><meta name="description" content="Money  back">
<style>p {}</style><script>track()</script></head>
<body><nav><a href="/">Home</a></nav><header>Acme Help</header>
<main><header><h1>Get a <em>refund</em></h1></header>
<p>Within 14&nbsp;days. See <a href="plans.html#team">plans</a>. <img src="x.png" alt="a screen"></p>
<h2>Code</h2><pre><code class="language-python">if a &lt; b:
    print("&lt;main&gt;")</code></pre>
<table><tr><td>Plan</td><td>Days</td></tr><tr><td>Team</td><td>14</td></tr></table>
<ul><li>One<ul><li>Two</li></ul></li></ul>
<p>Set API_KEY, or ask <span hidden>nobody</span>us.</p></main>
<aside>Related</aside><footer>Imprint</footer></body></html>"""


def article(content: str | bytes, path: str = "a/refunds.html") -> ImportedArticle:
    [found] = read_file(path, content.encode() if isinstance(content, str) else content)
    assert isinstance(found, ImportedArticle), found
    return found


def reason(content: str) -> str:
    [found] = read_file("a.html", content.encode())
    assert isinstance(found, Skipped), found
    return found.reason


def test_a_page_is_its_main_part_as_markdown() -> None:
    assert article(PAGE).body == (
        "# Get a *refund*\n\n"
        "Within 14 days. See [plans](plans.html#team).\n\n"
        "## Code\n\n"
        '```python\nif a < b:\n    print("<main>")\n```\n\n'
        "| Plan | Days |\n| --- | --- |\n| Team | 14 |\n\n"
        "- One\n  - Two\n\n"
        "Set API_KEY, or ask us."
    )


def test_its_head_tells_language_and_description_and_its_heading_the_title() -> None:
    found = article(PAGE)

    assert (found.title, found.own_title) == ("Get a refund", "Get a refund")
    assert (found.language, found.description, found.slug) == ("de-AT", "Money back", "refunds")


def test_pictures_are_left_out_and_counted() -> None:
    assert article(PAGE).pictures == 1


def test_without_a_heading_the_tab_tells_the_title() -> None:
    assert article("<title>Refunds</title><p>Text").title == "Refunds"
    assert article("<p>Text").title == "Refunds"


def test_of_several_articles_none_is_the_page() -> None:
    assert article("<body><article>One</article><article>Two</article></body>").body == "One\n\nTwo"


def test_the_encoding_is_what_the_page_says() -> None:
    assert article('<meta charset="windows-1252"><p>Größe</p>'.encode("cp1252")).body == "Größe"


def test_what_runs_or_loads_is_gone() -> None:
    body = article(
        "<body><script>alert(1)</script><iframe src=x>frame</iframe><p onclick=x>Words"
        "<a href='javascript:alert(1)'>click</a></p><svg><text>drawn</text></svg><form><input></form></body>"
    ).body

    assert "alert" not in body.replace("javascript:alert(1)", "")  # the link's address goes with the plan
    assert "frame" not in body
    assert "drawn" not in body


def test_a_page_without_words_is_empty() -> None:
    assert reason("<html><body><nav>Home</nav><img src=x></body></html>") == "It is empty."


def test_tags_that_are_nested_too_deeply_are_refused() -> None:
    assert reason("<div>" * (DEEPEST + 10) + "x") == "Its tags are nested too deeply."


def test_too_many_tags_are_refused() -> None:
    assert reason("<br>" * (MOST_TAGS + 10) + "x") == f"It has more than {MOST_TAGS:,} tags."


@pytest.mark.parametrize(
    ("text", "is_html"),
    [
        ("<p>Hello</p>", True),
        ("One<br>Two", True),
        ("Enter <your-key> here", False),
        ("a < b and c > d", False),
        ("# Heading\n\nText", False),
    ],
)
def test_what_was_pasted_is_known_by_its_tags(text: str, is_html: bool) -> None:
    assert looks_like_html(text) is is_html
