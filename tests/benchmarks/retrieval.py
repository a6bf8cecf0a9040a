"""`python -m tests.benchmarks.retrieval [FOLDER]`: what is found for customers' questions, and how quickly.

The questions and help centres of a folder of shared data (beside the repository, unless one is given). Add
`--quality` or `--speed` for one half alone. docs/benchmarks.md says how to read it.
"""

import argparse
import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from sqlmodel import select

from supportbot.database import Database
from supportbot.integrations.meaning import load_embedder
from supportbot.knowledge.importing import import_folder
from supportbot.knowledge.retrieval import Retrieval
from supportbot.knowledge.vector_filling import fill_vectors
from supportbot.migrations import upgrade
from supportbot.models import Article
from supportbot.settings import Settings
from tests.benchmarks import retrieval_speed
from tests.benchmarks.asked import (
    CORPORA,
    DEEPEST,
    SAYS,
    Asked,
    Placed,
    Share,
    placed,
    read_questions,
    read_strangers,
    said,
)
from tests.shared_data import shared

BARS = {
    "words, trigrams": {"healthchecks_docs": 57, "policies_37signals": 64},
    "and meaning": {"healthchecks_docs": 82, "policies_37signals": 92},
}
"""The least percent of sections among the first five, of the questions in English."""
STRANGERS = Path("clinc150") / "out_of_scope_dev.json"
ENGLISH = "en"


async def quality(folder: Path, questions: Sequence[Asked], corpora: dict[str, str]) -> list[str]:
    """Lines about what is found, by help centre, way of looking, kind of question and language."""
    lines: list[str] = []
    for corpus, name in corpora.items():
        asked = [one for one in questions if one.corpus == corpus]
        strangers = read_strangers(folder / STRANGERS) if (folder / STRANGERS).exists() else []
        async with help_centre(folder / name) as database:
            for way, retrieval in ways(database):
                found = [await _placed(retrieval, database, one) for one in asked]
                lines += [f"\n{corpus}, {way}", *_table(found, BARS.get(way, {}).get(corpus))]
                alien = [said(await retrieval.find(text)) for text in strangers]
                lines += _of_unanswered(found, alien)
    return lines


def ways(database: Database) -> Iterator[tuple[str, Retrieval]]:
    """The ways to look, from the simplest on."""
    yield "words alone", Retrieval(database, trigrams=False)
    yield "words, trigrams", Retrieval(database)
    if embedder := load_embedder():
        yield "and meaning", Retrieval(database, embedder)


@asynccontextmanager
async def help_centre(folder: Path) -> AsyncIterator[Database]:
    """A database with the articles of a folder and, where there is a model, their vectors."""
    with tempfile.TemporaryDirectory(prefix="supportbot-bench-") as temporary:
        settings = Settings(_env_file=None, database_url=f"sqlite:///{temporary}/articles.db")
        upgrade(settings.sync_database_url)
        database = Database.from_settings(settings)
        try:
            await import_folder(database, folder)
            if embedder := load_embedder():
                await fill_vectors(database, embedder)
            yield database
        finally:
            await database.close()


async def _placed(retrieval: Retrieval, database: Database, asked: Asked) -> Placed:
    found = await retrieval.find(asked.text, limit=DEEPEST)
    async with database.reading() as session:
        paths = {article.id: article.path for article in (await session.exec(select(Article))).all()}
    return placed(asked, found, [paths[hit.article_id] for hit in found.hits])


def _table(found: Sequence[Placed], bar: float | None) -> list[str]:
    answered = [one for one in found if one.asked.gold]
    english = [one for one in answered if one.asked.language == ENGLISH]
    kinds: dict[str, Callable[[Placed], bool]] = {
        style: lambda one, style=style: one.asked.style == style and one.asked.language == ENGLISH
        for style in sorted({one.asked.style for one in english})
    }
    languages = sorted({one.asked.language for one in answered} - {ENGLISH})
    kinds |= {
        language: lambda one, language=language: one.asked.language == language for language in languages
    }
    scores = f"{'five':>7}{'MRR':>7}"
    lines = [f"  {'':31}   {'file: first':>11}{scores}   {'section: first':>14}{scores}"]
    lines += [_row("all", answered), _row("in English", english, bar)]
    lines += [_row("in other languages", [one for one in answered if one.asked.language != ENGLISH])]
    return lines + [_row("  " + kind, [one for one in answered if fits(one)]) for kind, fits in kinds.items()]


def _row(name: str, found: Sequence[Placed], bar: float | None = None) -> str:
    file, section = Share.of([one.file for one in found]), Share.of([one.section for one in found])
    verdict = "" if bar is None else f"   at least {bar:g} {'pass' if section.five >= bar else 'FAIL'}"
    return (
        f"  {name:26}{len(found):>5}   {file.first:>11.1f}{file.five:>7.1f}{file.mrr:>7.1f}"
        f"   {section.first:>14.1f}{section.five:>7.1f}{section.mrr:>7.1f}{verdict}"
    )


def _of_unanswered(found: Sequence[Placed], strangers: Sequence[str]) -> list[str]:
    """What is said to whom: the less is found for what nobody wrote about the better, and its price."""
    answered = [one for one in found if one.asked.gold]
    right = [one.said for one in answered if one.section is not None and one.section < 5]
    rows = {
        "answered, and among the first five": right,
        "answered": [one.said for one in answered],
        "not answered, of the same trade": [one.said for one in found if not one.asked.gold],
        "about anything in the world": strangers,
    }
    lines = [f"  {'':36}{'':>5}" + "".join(f"{what:>15}" for what in SAYS)]
    for name, says in rows.items():
        shares = (100 * says.count(what) / max(1, len(says)) for what in SAYS)
        lines.append(f"  {name:36}{len(says):>5}" + "".join(f"{share:>13.1f} %" for share in shares))
    return lines


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What is found for customers' questions, and how quickly.")
    parser.add_argument("folder", nargs="?", type=Path, default=shared(""), help="of shared data")
    parser.add_argument("--questions", default="questions_dev.jsonl", help="the file of questions in it")
    parser.add_argument(
        "--corpus", action="append", default=[], metavar="NAME=FOLDER", help="another help centre"
    )
    parser.add_argument("--quality", action="store_true", help="not the speed")
    parser.add_argument("--speed", action="store_true", help="not the quality")
    chosen = parser.parse_args()
    if not chosen.folder.is_dir():
        parser.error(f"{chosen.folder} is not on this machine")
    corpora = dict(one.split("=", 1) for one in chosen.corpus) or CORPORA
    questions = read_questions(chosen.folder / chosen.questions)
    if chosen.quality or not chosen.speed:
        print("\n".join(await quality(chosen.folder, questions, corpora)), flush=True)
    if chosen.speed or not chosen.quality:
        folders = [chosen.folder / name for name in corpora.values()]
        await retrieval_speed.measure(folders, [one.text for one in questions])


if __name__ == "__main__":
    asyncio.run(main())
