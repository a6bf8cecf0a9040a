"""A folder of Markdown files as articles. Reads files and nothing else; never raises for what is in them."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from frontmatter.default_handlers import YAMLHandler
from yaml import YAMLError  # type: ignore[import-untyped]

from supportbot.knowledge.cleaning import clean, storable
from supportbot.knowledge.passages import slug as slug_of
from supportbot.knowledge.passages import title_of

SUFFIXES = (".md", ".markdown")
LARGEST_FILE = 2_000_000
LONGEST_PATH = 500
LONGEST_TITLE = 300
LONGEST_SLUG = 150

_ABOUT_THE_FOLDER = {
    *("readme", "license", "licence", "copying", "changelog", "contributing", "code_of_conduct", "security"),
    *("codeowners", "authors", "notice", "maintainers"),
}
_YAML = YAMLHandler()
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")


@dataclass(frozen=True, slots=True)
class ImportedArticle:
    """An article as a file holds it. `own_title` is its first heading, which may differ from the title."""

    path: str
    title: str
    own_title: str
    slug: str
    description: str
    language: str
    body: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is no article, and a sentence that says why."""

    path: str
    reason: str


class _UnusableError(Exception):
    """The reason is the message."""


def read_folder(folder: Path) -> list[ImportedArticle | Skipped]:
    """Every Markdown file below `folder`, ordered by path.

    Hidden files and folders are ignored, and so is what is no Markdown, save for licences and the
    like, which are named as skipped. A folder that does not exist holds nothing.
    """
    return [_read(folder, path) for path in sorted(_files(folder))]


def _files(folder: Path) -> Iterator[str]:
    # os.walk does not follow links to folders, so a link can neither lead out nor round in circles.
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            if not name.startswith(".") and (_is_markdown(name) or _is_about_the_folder(name)):
                yield (Path(place) / name).relative_to(folder).as_posix()


def _is_markdown(name: str) -> bool:
    return name.lower().endswith(SUFFIXES)


def _is_about_the_folder(name: str) -> bool:
    stem, _, suffix = name.lower().partition(".")
    # In capitals, SECURITY.md is about a repository; security.md is an article.
    return stem in _ABOUT_THE_FOLDER and suffix in ("", "md", "txt", "markdown") and name[:2].isupper()


def _read(folder: Path, path: str) -> ImportedArticle | Skipped:
    try:
        return _article(path, _text(folder, path))
    except _UnusableError as reason:
        return Skipped(storable(path.encode("utf-8", "replace").decode()), str(reason))


def _text(folder: Path, path: str) -> str:
    if _is_about_the_folder(Path(path).name):
        raise _UnusableError("It is about the folder, not an article for customers.")
    if len(path) > LONGEST_PATH or storable(path) != path:
        raise _UnusableError(f"Its name is longer than {LONGEST_PATH} characters or holds unusual ones.")
    file = folder / path
    if file.is_symlink():
        raise _UnusableError("It is a link to another file.")
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise _UnusableError(f"It is larger than {LARGEST_FILE // 1_000_000} MB.")
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _UnusableError("It is not UTF-8 text.") from None
    except OSError as error:
        raise _UnusableError(f"It cannot be read: {error.strerror}.") from None


def _article(path: str, text: str) -> ImportedArticle:
    about, content = _split(text)
    if about.get("draft") is True or about.get("published") is False:
        raise _UnusableError("It is marked as a draft.")
    body = clean(content)
    if not any(character.isalnum() for character in body):
        raise _UnusableError("It is empty.")
    own_title = title_of(body)
    title = _line(about, "title") or own_title or _from_name(path)
    return ImportedArticle(
        path=path,
        title=title[:LONGEST_TITLE],
        own_title=own_title[:LONGEST_TITLE],
        slug=(slug_of(_line(about, "slug").strip("/")) or _slug(path, title))[:LONGEST_SLUG],
        description=_line(about, "description"),
        language=_language(about),
        body=body,
    )


def _split(text: str) -> tuple[dict[str, object], str]:
    """The front matter and the rest. A text may also begin with a mere line, `---`."""
    if not _YAML.detect(text):
        return {}, text
    try:
        written, content = _YAML.split(text)
        about = _YAML.load(written)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise _UnusableError(f"The front matter is not valid YAML{where}.") from None
    except (ValueError, TypeError, RecursionError, OverflowError):
        raise _UnusableError("The front matter is not valid YAML.") from None
    if about is not None and not isinstance(about, dict):
        return {}, text
    return {str(name).lower(): value for name, value in (about or {}).items()}, content


def _line(about: dict[str, object], name: str) -> str:
    value = about.get(name)
    return " ".join(storable(str(value)).split()) if isinstance(value, str | int | float) else ""


def _language(about: dict[str, object]) -> str:
    value = _line(about, "language") or _line(about, "lang") or _line(about, "locale")
    return value.replace("_", "-") if _LANGUAGE.fullmatch(value) else "en"


def _from_name(path: str) -> str:
    words = _telling_part(path).replace("-", " ").replace("_", " ").strip()
    return (words[:1].upper() + words[1:]) or path


def _slug(path: str, title: str) -> str:
    """From the file's name, which changes less often than the title."""
    return slug_of(_telling_part(path).replace("/", "-").replace("_", "-")) or slug_of(title) or "article"


def _telling_part(path: str) -> str:
    """`refunds/how-to.md` is told by `how-to`, `refunds/hey/index.md` by `refunds/hey`."""
    file = Path(path)
    return file.stem if file.stem.lower() != "index" else file.parent.as_posix().strip("./")
