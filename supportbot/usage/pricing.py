"""What a call to a model costs, in US dollars.

List prices for a million tokens, from the vendor's public price list; `MODEL_PRICES` overrides them, as
contracts and compatible servers differ. Writing to the cache costs 1.25 times the input price, reading
from it a tenth (the vendor's factors for the five-minute cache).
"""

from collections.abc import Mapping
from decimal import Decimal

MILLION = Decimal(1_000_000)
CACHE_WRITE = Decimal("1.25")
CACHE_READ = Decimal("0.1")

PRICES: dict[str, tuple[Decimal, Decimal]] = {
    "claude-haiku-5-5": (Decimal(1), Decimal(5)),
    "claude-sonnet-5-5": (Decimal(3), Decimal(15)),
    "claude-opus-5-5": (Decimal(5), Decimal(25)),
}
"""Model → dollars for a million input and output tokens."""


def cost(
    model: str,
    *,
    input_tokens: int,
    output_tokens: int,
    cache_read_tokens: int = 0,
    cache_write_tokens: int = 0,
    overrides: Mapping[str, tuple[Decimal, Decimal]] | None = None,
) -> Decimal:
    """Dollars for one call; 0 for a model whose price nobody knows (a local server, for instance).

    A dated name such as `claude-sonnet-5-5-20260801` is priced like the name it begins with.
    """
    price = _price(model, {**PRICES, **(overrides or {})})
    if price is None:
        return Decimal(0)
    per_input, per_output = price
    weighted_input = input_tokens + CACHE_READ * cache_read_tokens + CACHE_WRITE * cache_write_tokens
    return (per_input * weighted_input + per_output * output_tokens) / MILLION


def rough_tokens(text: str) -> int:
    """About how many tokens a text has, without asking the model: one for four bytes of UTF-8.

    For a bound or an estimate; never for what somebody pays when the API has told its own count.
    """
    return -(-len(text.encode("utf-8", "replace")) // 4)


def _price(model: str, prices: Mapping[str, tuple[Decimal, Decimal]]) -> tuple[Decimal, Decimal] | None:
    if model in prices:
        return prices[model]
    prefixes = [name for name in prices if model.startswith(name + "-")]
    return prices[max(prefixes, key=len)] if prefixes else None
