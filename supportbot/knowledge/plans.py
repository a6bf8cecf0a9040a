"""What an import has to change, worked out before the database is locked. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

from supportbot.knowledge.files import LONGEST_SLUG, ImportedArticle
from supportbot.knowledge.links import between_articles, readdress

EDITION = "1"
"""Raise it when articles must be cut or indexed anew although their files are the same."""

_RETIRED = "-retired-"


@dataclass(frozen=True, slots=True)
class Known:
    """An article as the database has it. `edited`: somebody has written a version since the last import."""

    id: UUID
    collection: str
    path: str
    slug: str
    title: str
    content_hash: str
    retired: bool
    newest: int
    edited: bool


@dataclass(frozen=True, slots=True)
class Bundle:
    """Articles that are to be imported together.

    Attributes:
        collection: The collection they belong to.
        articles: What was read, each path once.
        whole: They are all of the collection: what else is in it has vanished and is retired.
        without: A collection that is retired with the first import of another, or None.
    """

    collection: str
    articles: Sequence[ImportedArticle]
    whole: bool = True
    without: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """An article to write. `replaces` is the row it updates, or None for a new one."""

    article: ImportedArticle
    slug: str
    body: str
    content_hash: str
    replaces: Known | None


@dataclass(slots=True)
class Plan:
    """What to change, in the order it has to happen: slugs are freed before they are taken."""

    freed: dict[UUID, str] = field(default_factory=dict)
    retired: list[Known] = field(default_factory=list)
    sample: list[Known] = field(default_factory=list)
    added: list[Written] = field(default_factory=list)
    updated: list[Written] = field(default_factory=list)
    unchanged: int = 0


def make_plan(known: Sequence[Known], bundle: Bundle) -> Plan:
    """Compare what was read with the database.

    Args:
        known: Every article in the database, retired ones too.
        bundle: What was read.
    """
    plan = Plan()
    articles = bundle.articles
    own = {row.path: row for row in known if row.collection == bundle.collection}
    present = {article.path for article in articles}
    others = [row for row in own.values() if row.path not in present and not row.retired]
    plan.retired = others if bundle.whole else []
    plan.sample = [row for row in known if row.collection == bundle.without and not row.retired]
    slugs = _slugs(known, own, articles, {row.id for row in [*plan.retired, *plan.sample]})
    plan.freed = _freed(known, own, slugs)
    targets = slugs if bundle.whole else {row.path: row.slug for row in others} | slugs
    for article in articles:
        row = own.get(article.path)
        body = readdress(article.body, between_articles(article.path, targets))
        slug, content_hash = slugs[article.path], _hash(article, body)
        if row and not row.retired and (row.content_hash, row.slug) == (content_hash, slug):
            plan.unchanged += 1
            continue
        written = Written(article, slug, body, content_hash, row)
        (plan.updated if row and not row.retired else plan.added).append(written)
    return plan


def _slugs(
    known: Sequence[Known],
    own: Mapping[str, Known],
    articles: Sequence[ImportedArticle],
    leaving: Iterable[UUID],
) -> dict[str, str]:
    """The slug of each article by path: the one it has, or a new one that no published article has."""
    gone = set(leaving)
    chosen = {
        article.path: own[article.path].slug
        for article in articles
        if article.path in own and _RETIRED not in own[article.path].slug
    }
    elsewhere = (row for row in known if row.path not in chosen or row.collection != own[row.path].collection)
    taken = set(chosen.values()) | {row.slug for row in elsewhere if not row.retired and row.id not in gone}
    for article in articles:
        if article.path not in chosen:
            chosen[article.path] = _free(article, taken)
            taken.add(chosen[article.path])
    return chosen


def _free(article: ImportedArticle, taken: set[str]) -> str:
    folder = article.path.rpartition("/")[0].replace("/", "-").replace("_", "-")
    longer = f"{folder}-{article.slug}".strip("-").lower()[:LONGEST_SLUG]
    for slug in (article.slug, longer):
        if slug not in taken:
            return slug
    number = 2
    while f"{article.slug}-{number}" in taken:
        number += 1
    return f"{article.slug}-{number}"


def _freed(known: Sequence[Known], own: Mapping[str, Known], slugs: Mapping[str, str]) -> dict[UUID, str]:
    """New slugs for the articles, all of them retired, whose slug is now another's."""
    holders = {slug: own[path].id if path in own else None for path, slug in slugs.items()}
    return {
        row.id: f"{row.slug[:LONGEST_SLUG]}{_RETIRED}{row.id.hex[-12:]}"
        for row in known
        if row.slug in holders and holders[row.slug] != row.id
    }


def _hash(article: ImportedArticle, body: str) -> str:
    parts = (EDITION, article.title, article.own_title, article.description, article.language, body)
    return sha256("\0".join(parts).encode()).hexdigest()
