"""What a customer's own words give away that a colleague would otherwise have to ask for. Pure.

Numbers, codes and quotations look alike in every language, so no language has to be known to find them;
words that stand before them are listed in those we ship, and a few more. Secrets are taken out first: a
brief is read by more people than the conversation, and may stand in a mail.
"""

import re
from collections.abc import Iterable, Sequence

MOST_FACTS = 8
LONGEST_FACT = 70

_HIDDEN = "(hidden)"
_CARD = re.compile(r"\b\d(?:[ -]?\d){12,18}\b")
_SECRET = re.compile(
    r"(?i)\b(pass ?word|passcode|pin|otp|passwort|kennwort|mot de passe|contraseña|clave|senha)\b"
    r"(\s+(?:is|was|ist|war|lautet|est|es|é)\s+|\s*[:=]\s*)\S+"
)
_TOKEN = re.compile(r"\b(?:sk|pk|rk|ghp|gho|xox[abp]|whsec|eyJ)[-_A-Za-z0-9.]{16,}")

_ERROR_WORD = re.compile(
    r"(?i)error|fehler|erreur|erro\b|errores?|fallo|falha|exception|warning|message|meldung|mensaje|mensagem|"
    r"says|said|shows|steht|affiche|dice|aparece|ошибк|エラー|错误|錯誤|오류|خطأ"
)
_QUOTED = re.compile(r"[“„«\"`「]\s*([^“”„«»\"`「」\n]{4,80}?)\s*[”“»\"`」]")
_ERROR_CODE = re.compile(
    r"\b(?:[A-Z]{2,12}(?:_[A-Z0-9]{1,20}){1,6}|[A-Z]{1,5}-\d{2,6}|[A-Za-z]{1,40}(?:Error|Exception))\b"
    r"|(?i:\b(?:error|fehler|erreur|erro|status|http|ошибка)(?: ?code| ?nr\.?)?[ :#]{1,3}\d{2,6}\b)"
)
_NUMBERED = re.compile(
    r"(?i)\b(?:order|invoice|receipt|ticket|case|booking|payment|transaction|reference|ref|customer|account|"
    r"bestellung|bestellnummer|auftrag|rechnung|rechnungsnummer|kundennummer|vorgang|commande|facture|dossier|"
    r"réservation|pedido|factura|reserva|fatura|encomenda|заказ\w{0,3})"
    r"(?: ?(?:number|num|nummer|numéro|número|numero|no\.?|nr\.?|n[°º]\.?|id|№))?(?: is| ist| est| es)?"
    r"[ :#]{1,3}(?=[a-z/-]{0,8}\d)[a-z0-9][a-z0-9/-]{2,24}"
)
_BARE_NUMBER = re.compile(r"(?<![\w.,/#-])(?:#\d{2,12}|[A-Z]{2,6}-?\d{4,12}|\d{5,12})(?![\w/-]|[.,]\d)")
_NUMBER_WORD = re.compile(r"(?:注文番号|订单号?|訂單|주문 ?번호)[ :：#]{0,3}[A-Za-z0-9-]{3,24}")
_PLAN = re.compile(
    r"\b(?:[A-ZÀ-Þ]\w{1,20}[ -](?:[Pp]lan|[Tt]arif|[Pp]aket|[Aa]bo)\b"
    r"|(?:[Pp]lan|[Ff]orfait|[Ff]ormule|[Tt]arif|[Pp]lano|[Aa]bonnement) [A-ZÀ-Þ]\w{1,20}"
    r"|(?i:(?:free|basic|starter|team|pro|plus|premium|business|enterprise) plan\b))"
)
_AMOUNT = re.compile(
    r"(?:[$€£¥]|US\$|R\$) ?\d[\d.,]{0,12}"
    r"|\b\d[\d.,]{0,12} ?(?:€|£|¥|\$|EUR\b|USD\b|GBP\b|CHF\b|BRL\b|[Ee]uros?\b|[Dd]ollars?\b)"
)
_SYSTEM = re.compile(
    r"\b(?:iOS|iPadOS|Android|Windows|macOS|Ubuntu|Chrome|Firefox|Safari|Edge|[Vv]ersion|v)"
    r" ?\d+(?:\.\d+){0,3}\b"
)
_DATE = re.compile(r"\b(?:\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4})\b")
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")

_KINDS: Sequence[re.Pattern[str]] = (
    _NUMBERED,
    _NUMBER_WORD,
    _PLAN,
    _ERROR_CODE,
    _AMOUNT,
    _SYSTEM,
    _DATE,
    _MAIL,
    _BARE_NUMBER,
)


def without_secrets(text: str) -> str:
    """The text with card numbers shortened, and passwords and keys taken out."""
    text = _CARD.sub(lambda match: _card(match[0]), text)
    text = _SECRET.sub(rf"\1\2{_HIDDEN}", text)
    return _TOKEN.sub(_HIDDEN, text)


def facts(texts: Iterable[str]) -> list[str]:
    """What the texts give away, each once: error messages first, then numbers, plans, amounts, versions."""
    said = [without_secrets(text) for text in texts]
    found: list[str] = []
    for text in said:
        for quotation in _QUOTED.finditer(text):
            around = text[max(0, quotation.start() - 80) : quotation.end() + 40]
            if _ERROR_WORD.search(around):
                _add(found, f"“{quotation[1]}”")
    for kind in _KINDS:
        for text in said:
            for match in kind.finditer(text):
                _add(found, match[0])
    return found[:MOST_FACTS]


def _add(found: list[str], fact: str) -> None:
    fact = " ".join(fact.split()).strip(" .,:;")
    known = fact.casefold()
    if fact and len(fact) <= LONGEST_FACT and not any(known in other.casefold() for other in found):
        found.append(fact)


def _card(written: str) -> str:
    digits = [int(digit) for digit in written if digit.isdigit()]
    doubled = [digit if at % 2 == 0 else sum(divmod(2 * digit, 10)) for at, digit in enumerate(digits[::-1])]
    if sum(doubled) % 10:
        return written  # a number like any other
    return f"•••• {''.join(map(str, digits[-4:]))}"
