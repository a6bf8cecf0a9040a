"""Markdown as the plain text people write to each other in."""

import pytest

from supportbot.turns.plain_words import plainly


def link(path: str) -> str:
    return f"https://acme.example{path}" if path.startswith("/") else path


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("Open **Settings > Billing** and *save*.", "Open Settings > Billing and save."),
        ("1. Sign in.\n2. Choose `Export`.", "1. Sign in.\n2. Choose Export."),
        ("- one\n- two", "- one\n- two"),
        ("See [the article](/help/refunds#how).", "See the article (https://acme.example/help/refunds#how)."),
        ("[A](https://a.example) · [B](/b)", "A (https://a.example) · B (https://acme.example/b)"),
        ("## Refunds\n\n\n\nFive days.", "Refunds\n\nFive days."),
        ("```python\nimport hmac\n```\nThen", "import hmac\nThen"),
        ("| Plan | Price |\n| --- | --- |\n| Free | $0 |", "Plan | Price\nFree | $0"),
        ("5 * 3 * 2 and snake_case_names", "5 * 3 * 2 and snake_case_names"),
        (r"\[ESCALATE\] and 3 \* 4", "[ESCALATE] and 3 * 4"),
        ("", ""),
    ],
)
def test_the_words_stay_and_the_signs_go(markdown: str, plain: str) -> None:
    assert plainly(markdown, link) == plain


@pytest.mark.parametrize(
    "text", ["*" * 5_000, "[" * 5_000, "| " * 3_000, "`" * 5_000, "**a" * 2_000, "-" * 5_000]
)
def test_nothing_is_slow_or_raises(text: str) -> None:
    assert isinstance(plainly(text, link), str)
