"""What languages are called by those who read them, and which way they are written. Pure."""

import re

ENGLISH = "en"
LONGEST_TAG = 35

_NAMES = {
    "ar": "العربية",
    "bg": "Български",
    "ca": "Català",
    "cs": "Čeština",
    "da": "Dansk",
    "de": "Deutsch",
    "el": "Ελληνικά",
    "en": "English",
    "es": "Español",
    "et": "Eesti",
    "fa": "فارسی",
    "fi": "Suomi",
    "fr": "Français",
    "he": "עברית",
    "hi": "हिन्दी",
    "hr": "Hrvatski",
    "hu": "Magyar",
    "id": "Bahasa Indonesia",
    "it": "Italiano",
    "ja": "日本語",
    "ko": "한국어",
    "lt": "Lietuvių",
    "lv": "Latviešu",
    "nb": "Norsk bokmål",
    "nl": "Nederlands",
    "no": "Norsk",
    "pl": "Polski",
    "pt": "Português",
    "pt-BR": "Português (Brasil)",
    "ro": "Română",
    "ru": "Русский",
    "sk": "Slovenčina",
    "sl": "Slovenščina",
    "sr": "Српски",
    "sv": "Svenska",
    "th": "ไทย",
    "tr": "Türkçe",
    "uk": "Українська",
    "ur": "اردو",
    "vi": "Tiếng Việt",
    "zh": "中文",
    "zh-CN": "简体中文",
    "zh-Hans": "简体中文",
    "zh-Hant": "繁體中文",
    "zh-TW": "繁體中文",
}
_RIGHT_TO_LEFT = ("ar", "fa", "he", "ur", "yi")
_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")


def tag(language: str) -> str:
    """The language as a page may declare it; English for what can be none."""
    return language if _TAG.fullmatch(language) else ENGLISH


def asked_for(text: str) -> str:
    """The language somebody asks for in an address; "" if it can be none."""
    return text if len(text) <= LONGEST_TAG and _TAG.fullmatch(text) else ""


def name(language: str) -> str:
    """What its readers call it; the tag itself where we do not know."""
    return _NAMES.get(language) or _NAMES.get(_main(language)) or language


def direction(language: str) -> str:
    """`rtl` or `ltr`."""
    return "rtl" if _main(language) in _RIGHT_TO_LEFT else "ltr"


def _main(language: str) -> str:
    return language.partition("-")[0].lower()
