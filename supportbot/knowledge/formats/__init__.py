"""The formats articles come in, behind one function: a file's name and bytes become articles or a reason."""

import logging
from collections.abc import Callable
from pathlib import PurePosixPath

from supportbot.knowledge.cleaning import storable
from supportbot.knowledge.files import (
    LARGEST_FILE,
    LARGEST_PDF,
    LONGEST_PATH,
    Read,
    Skipped,
    UnusableError,
    suffix_of,
)
from supportbot.knowledge.formats.markdown import read_markdown
from supportbot.knowledge.formats.pdf import read_pdf
from supportbot.knowledge.formats.questions import read_questions
from supportbot.knowledge.formats.web_pages import read_web_page

log = logging.getLogger(__name__)

Format = Callable[[str, bytes], Read]

FORMATS: dict[str, Format] = {
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_web_page,
    ".htm": read_web_page,
    ".pdf": read_pdf,
    ".csv": read_questions,
}
GUARDED = (".html", ".htm", ".pdf", ".csv")
"""What is read by parsers that are not ours, for which hostile files are known: in a process of its own."""

_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".ico", ".avif", ".bmp", ".heic")
_ABOUT_THE_FOLDER = {
    *("readme", "license", "licence", "copying", "changelog", "contributing", "code_of_conduct", "security"),
    *("codeowners", "authors", "notice", "maintainers"),
}


def unwanted(path: str, size: int) -> str:
    """Why a file need not even be opened, or "" if it has to be.

    Args:
        path: Where it lies in its folder.
        size: Its bytes.
    """
    if is_about_the_folder(path):
        return "It is about the folder, not an article for customers."
    if len(path) > LONGEST_PATH or storable(path) != path:
        return f"Its name is longer than {LONGEST_PATH} characters or holds unusual ones."
    suffix = suffix_of(path)
    if suffix in _PICTURES:
        return "It is a picture. Articles are kept without pictures."
    if suffix not in FORMATS:
        return "It is not Markdown, HTML, PDF or CSV."
    largest = LARGEST_PDF if suffix == ".pdf" else LARGEST_FILE
    if size > largest:
        return f"It is larger than {largest // 1_000_000} MB."
    return ""


def read_file(path: str, content: bytes) -> Read:
    """The articles in a file, or why there are none. Never raises for what is in it.

    Args:
        path: Where it lies in its folder, with slashes; its end says what it is.
        content: All of it.
    """
    if reason := unwanted(path, len(content)):
        return [skipped(path, reason)]
    if not content.strip():
        return [skipped(path, "It is empty.")]
    try:
        return FORMATS[suffix_of(path)](path, content)
    except UnusableError as reason:
        return [skipped(path, str(reason))]
    except RecursionError:
        return [skipped(path, "It is nested too deeply.")]
    except Exception as error:
        # Of a parser we do not know each mood; one odd file must not cost the others their import.
        log.warning("a %s could not be read: %s", suffix_of(path), type(error).__name__)
        return [skipped(path, "It is broken.")]


def skipped(path: str, reason: str) -> Skipped:
    """A file left out, with a name that can be stored and shown."""
    return Skipped(storable(path.encode("utf-8", "replace").decode())[:LONGEST_PATH], reason)


def is_about_the_folder(path: str) -> bool:
    """In capitals, SECURITY.md is about a repository; security.md is an article."""
    name = PurePosixPath(path).name
    stem, _, suffix = name.lower().partition(".")
    return stem in _ABOUT_THE_FOLDER and suffix in ("", "md", "txt", "markdown") and name[:2].isupper()
