"""Markdown, with or without front matter, as help centres keep it."""

from frontmatter.default_handlers import YAMLHandler
from yaml import MappingNode, SafeLoader, YAMLError  # type: ignore[import-untyped]
from yaml.constructor import ConstructorError  # type: ignore[import-untyped]

from supportbot.knowledge.cleaning import clean, pictures_in
from supportbot.knowledge.files import Read, UnusableError, article, line
from supportbot.knowledge.passages import slug as slug_of
from supportbot.knowledge.passages import title_of

LONGEST_FRONT_MATTER = 20_000
"""Characters. What people say about an article takes some hundred."""

_YAML = YAMLHandler()


class _Loader(SafeLoader):  # type: ignore[misc]
    """Reads what files from anywhere say about themselves.

    It is the one written in Python, because deep nesting ends the other, and with it the whole server.
    """

    def flatten_mapping(self, node: MappingNode) -> None:
        """Merge nothing: merges of merges grow without end, and nobody needs them here."""
        if any(key.tag == "tag:yaml.org,2002:merge" for key, _ in node.value):
            raise ConstructorError(None, None, "found a merge", node.start_mark)


def read_markdown(path: str, content: bytes) -> Read:
    """The article in a Markdown file.

    Raises:
        UnusableError: it is empty, a draft, or not UTF-8, or its front matter is broken.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnusableError("It is not UTF-8 text.") from None
    about, text = _split(text)
    if about.get("draft") is True or about.get("published") is False:
        raise UnusableError("It is marked as a draft.")
    body = clean(text)
    return [
        article(
            path,
            body,
            title=line(about.get("title")),
            own_title=title_of(body),
            slug=slug_of(line(about.get("slug")).strip("/")),
            description=line(about.get("description")),
            language_tag=line(about.get("language")) or line(about.get("lang")) or line(about.get("locale")),
            pictures=pictures_in(text),
        )
    ]


def _split(text: str) -> tuple[dict[str, object], str]:
    """The front matter and the rest. A text may also begin with a mere line, `---`."""
    if not _YAML.detect(text):
        return {}, text
    try:
        written, content = _YAML.split(text)
        if len(written) > LONGEST_FRONT_MATTER:
            raise UnusableError(f"The front matter is longer than {LONGEST_FRONT_MATTER:,} characters.")
        about = _YAML.load(written, Loader=_Loader)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise UnusableError(f"The front matter is not valid YAML{where}.") from None
    except (ValueError, TypeError, RecursionError, OverflowError):
        raise UnusableError("The front matter is not valid YAML.") from None
    if about is not None and not isinstance(about, dict):
        return {}, text
    return {str(name).lower(): value for name, value in (about or {}).items()}, content
