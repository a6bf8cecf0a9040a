"""The addresses of articles that were written here: `/help/<slug>`, each taken once."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.knowledge.folders import LONGEST_SLUG
from supportbot.knowledge.passages import slug
from supportbot.models import Article

NAMELESS = "article"
RESERVED = frozenset({"search", "sitemap", "print", "new"})
"""What `/help/` may mean by itself one day."""


def slug_from(words: str) -> str:
    """A slug made of a title, or of what somebody typed as one; empty if no letter or digit is in it."""
    return "-".join(part for part in slug(words)[:LONGEST_SLUG].split("-") if part)


async def free_slug(session: AsyncSession, wanted: str, article_id: UUID) -> str:
    """`wanted`, or with the first number behind it that makes it nobody else's."""
    base = wanted or NAMELESS
    like = col(Article.slug).startswith(base, autoescape=True)
    rows = await session.exec(select(Article.slug).where(like, col(Article.id) != article_id))
    taken = set(rows.all()) | RESERVED
    candidate, number = base, 2
    while candidate in taken:
        candidate, number = f"{base}-{number}", number + 1
    return candidate
