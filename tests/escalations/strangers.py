"""Questions of other companies' customers. They lie in a folder of shared data, not in this repository."""

import csv
import json
from pathlib import Path

from tests.shared_data import shared

BANK = "banking77/train.csv"
"""Ten thousand questions of a bank's customers."""
ANYTHING = "clinc150/out_of_scope_dev.json"
"""Questions no help centre answers."""
HELP_CENTRES = "questions_dev.jsonl"
"""Questions to two help centres, in several languages."""
ABUSE = "hatecheck/dev.csv"
"""Offensive sentences, to look at: they are another room's to judge."""

ORDINARY = {
    "activate_my_card",
    "age_limit",
    "apple_pay_or_google_pay",
    "atm_support",
    "automatic_top_up",
    "card_acceptance",
    "card_delivery_estimate",
    "change_pin",
    "country_support",
    "exchange_rate",
    "exchange_via_app",
    "fiat_currency_support",
    "get_physical_card",
    "getting_spare_card",
    "order_physical_card",
    "supported_cards_and_currencies",
    "top_up_limits",
    "transfer_timing",
    "visa_or_mastercard",
    "why_verify_identity",
}
"""What the assistant can answer by itself."""
FRAUD = {
    "card_payment_not_recognised",
    "cash_withdrawal_not_recognised",
    "compromised_card",
    "direct_debit_payment_not_recognised",
    "lost_or_stolen_card",
    "lost_or_stolen_phone",
}
"""Somebody else may have the card, the phone or the account."""
MONEY = {
    "Refund_not_showing_up",
    "cancel_transfer",
    "request_refund",
    "terminate_account",
    "transaction_charged_twice",
    *FRAUD,
}
"""Where a demand for money back, or to close the account, is no surprise."""


def questions(name: str, folder: Path | None = None) -> list[tuple[str, str]]:
    """The questions of a set, each with its intent."""
    path = folder / name if folder else shared(name)
    text = path.read_text(encoding="utf-8")
    if name == ANYTHING:
        return [("anything", row[0]) for rows in json.loads(text).values() for row in rows]
    if name == HELP_CENTRES:
        return [("help centres", json.loads(line)["text"]) for line in text.splitlines()]
    rows = csv.DictReader(text.splitlines(keepends=True))
    if name == ABUSE:
        return [(row["functionality"], row["test_case"]) for row in rows]
    return [(row["category"], row["text"]) for row in rows]
