"""What a call to a model costs."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.usage.pricing import PRICES, cost

MINE = {"my-model": (Decimal(1), Decimal(10))}
MILLION = 1_000_000
tokens = st.integers(0, 10_000_000)


@pytest.mark.parametrize(
    ("kind", "dollars"),
    [
        ("input_tokens", "1"),
        ("output_tokens", "10"),
        ("cache_read_tokens", "0.1"),
        ("cache_write_tokens", "1.25"),
    ],
)
def test_a_million_tokens_cost(kind: str, dollars: str) -> None:
    counts = {"input_tokens": 0, "output_tokens": 0, kind: MILLION}

    assert cost("my-model", overrides=MINE, **counts) == Decimal(dollars)


def test_all_kinds_add_up() -> None:
    dollars = cost(
        "my-model",
        input_tokens=100,
        output_tokens=20,
        cache_read_tokens=1_000,
        cache_write_tokens=10,
        overrides=MINE,
    )

    assert dollars == (Decimal(100) + 100 + Decimal("12.5") + 200) / MILLION


def test_one_token_is_not_rounded_away() -> None:
    assert cost("claude-haiku-5-5", input_tokens=0, output_tokens=0, cache_read_tokens=1) == Decimal("1e-7")


@pytest.mark.parametrize("model", list(PRICES))
def test_a_dated_name_is_priced_like_the_name_it_begins_with(model: str) -> None:
    dated = cost(f"{model}-20260801", input_tokens=MILLION, output_tokens=0)

    assert dated == cost(model, input_tokens=MILLION, output_tokens=0) == PRICES[model][0]


def test_the_longest_name_it_begins_with_counts() -> None:
    prices = {"m": (Decimal(1), Decimal(1)), "m-large": (Decimal(2), Decimal(2))}

    assert cost("m-large-2026", input_tokens=MILLION, output_tokens=0, overrides=prices) == 2


@pytest.mark.parametrize("model", ["", "unknown", "claude", "claude-sonnet-5-50", "xclaude-sonnet-5-5"])
def test_a_model_nobody_knows_costs_nothing(model: str) -> None:
    assert cost(model, input_tokens=MILLION, output_tokens=MILLION) == 0


def test_our_own_price_goes_before_the_list() -> None:
    mine = {"claude-sonnet-5-5": (Decimal(7), Decimal(8))}

    assert cost("claude-sonnet-5-5", input_tokens=MILLION, output_tokens=0, overrides=mine) == 7
    assert cost("claude-sonnet-5-5-20260801", input_tokens=0, output_tokens=MILLION, overrides=mine) == 8


@given(tokens, tokens, tokens, tokens)
def test_more_tokens_never_cost_less(fresh: int, out: int, read: int, written: int) -> None:
    def dollars(more: int = 0) -> Decimal:
        return cost(
            "claude-opus-5-5",
            input_tokens=fresh + more,
            output_tokens=out + more,
            cache_read_tokens=read + more,
            cache_write_tokens=written + more,
        )

    assert 0 <= dollars() < dollars(1)
