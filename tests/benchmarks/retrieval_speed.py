"""How long finding takes among 200, 2,000 and 20,000 passages on both databases, and what an index costs."""

import random
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from sqlmodel import col, insert, select

from supportbot.database import Database
from supportbot.ids import new_id, now
from supportbot.integrations.meaning import load_embedder
from supportbot.knowledge.embedding import Embedder, Floats, windows
from supportbot.knowledge.folders import ImportedArticle, read_folder
from supportbot.knowledge.publishing import CutPassage, cut
from supportbot.knowledge.retrieval import Retrieval
from supportbot.knowledge.vectors import stored
from supportbot.migrations import upgrade
from supportbot.models import Article, Passage, PassageVector
from supportbot.settings import POSTGRESQL, SQLITE, Settings
from tests.benchmarks.figures import Figure, percentile, table
from tests.conftest import create_postgres_database
from tests.servers.postgres import running_postgres

SIZES = (200, 2_000, 20_000)
VARIED = 0.3
"""The part of the words of a copied article that other articles' words take the place of."""
READ = 40
"""Passages that are embedded to measure how long that takes."""
BAR = 30
"""Milliseconds within which 95 of 100 questions shall be answered, model included."""
AT_ONCE = 1_000
WARM = 5


async def measure(folders: Sequence[Path], questions: Sequence[str]) -> None:
    """Print the times of every size, database and way."""
    figures: list[Figure] = []
    embedder = load_embedder()
    if embedder is not None:
        figures += _reading(folders, embedder)
    for kind in (SQLITE, POSTGRESQL):
        for size in SIZES:
            with _empty(kind) as url:
                figures += await _of(kind, url, size, folders, questions, embedder)
                print(table(figures[-10:]), flush=True)
    print(table(figures))


async def _of(
    kind: str,
    url: str,
    size: int,
    folders: Sequence[Path],
    questions: Sequence[str],
    embedder: Embedder | None,
) -> list[Figure]:
    settings = Settings(_env_file=None, database_url=url)
    upgrade(settings.sync_database_url)
    database = Database.from_settings(settings)
    part = f"{size:,} passages, {kind}"
    try:
        started, worked = time.perf_counter(), time.process_time()
        await _fill(database, size, folders, embedder)
        figures = [
            Figure(part, "index of words", time.perf_counter() - started, "s"),
            Figure(part, "index of words, our work", time.process_time() - worked, "s"),
        ]
        ways: dict[str, Embedder | None] = {"words, trigrams": None}
        if embedder is not None:
            ways["and meaning"] = embedder
        for way, model in ways.items():
            figures += await _times(part, way, Retrieval(database, model), questions)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000
        return [*figures, Figure(part, "memory so far, at most", peak, "MB")]
    finally:
        await database.close()


async def _times(part: str, way: str, retrieval: Retrieval, questions: Sequence[str]) -> list[Figure]:
    started = time.perf_counter()
    await retrieval.find(questions[0])
    first = time.perf_counter() - started
    for question in questions[:WARM]:
        await retrieval.find(question)
    took: list[float] = []
    work: list[float] = []
    for question in questions:
        started, worked = time.perf_counter(), time.process_time()
        await retrieval.find(question)
        took.append((time.perf_counter() - started) * 1e3)
        work.append((time.process_time() - worked) * 1e3)
    return [
        Figure(part, f"{way}: first question of a worker", first * 1e3, "ms"),
        Figure(part, f"{way}: p50", percentile(took, 50), "ms"),
        Figure(part, f"{way}: p95", percentile(took, 95), "ms", BAR),
        Figure(part, f"{way}: p95 of our work", percentile(work, 95), "ms"),
    ]


async def _fill(database: Database, size: int, folders: Sequence[Path], embedder: Embedder | None) -> None:
    """Articles as real as their varied words, and vectors as long as real ones: their time is the same."""
    chance = random.Random(7)
    numbers = np.random.default_rng(7)
    left = size
    for article, passages in _articles(folders, chance):
        passages = passages[:left]
        left -= len(passages)
        async with database.transaction() as session:
            session.add(article)
            await session.flush()
            rows = [_row(article, position, passage) for position, passage in enumerate(passages)]
            await session.exec(insert(Passage), params=rows)
            if embedder is not None:
                await _vectors(session, article, embedder, numbers)
        if not left:
            return


async def _vectors(session: Any, article: Article, embedder: Embedder, numbers: np.random.Generator) -> None:
    passages = (await session.exec(select(Passage).where(col(Passage.article_id) == article.id))).all()
    rows = []
    for passage in passages:
        for part, _ in enumerate(windows(article.title, passage.heading, passage.body)):
            vector: Floats = numbers.standard_normal(embedder.dimensions, dtype=np.float32)
            vector /= np.linalg.norm(vector)
            kept = {"passage_id": passage.id, "model": embedder.name, "part": part, "vector": stored(vector)}
            rows.append(kept)
    await session.exec(insert(PassageVector), params=rows)


def _row(article: Article, position: int, passage: CutPassage) -> dict[str, Any]:
    return {
        "article_id": article.id,
        "position": position,
        "terms": passage.terms,
        "heading": passage.piece.heading,
        "anchor": passage.piece.anchor,
        "body": passage.piece.body,
    }


def _articles(
    folders: Sequence[Path], chance: random.Random
) -> Iterator[tuple[Article, tuple[CutPassage, ...]]]:
    """The articles of the folders, then again and again with other words."""
    real = [one for folder in folders for one in read_folder(folder) if isinstance(one, ImportedArticle)]
    words = [word for one in real for word in one.body.split() if word.isalpha()]
    number = 0
    while True:
        for one in real:
            number += 1
            body = one.body if number <= len(real) else _varied(one.body, words, chance)
            article = Article(
                id=new_id(),
                collection="bench",
                path=f"{number}",
                slug=f"a{number}",
                title=one.title,
                body=body,
                content_hash="",
                updated_at=now(),
            )
            yield article, cut(one.title, body)


def _varied(body: str, words: Sequence[str], chance: random.Random) -> str:
    return "\n".join(
        " ".join(
            chance.choice(words) if word.isalpha() and chance.random() < VARIED else word
            for word in line.split(" ")
        )
        for line in body.split("\n")
    )


def _reading(folders: Sequence[Path], embedder: Embedder) -> list[Figure]:
    """What the model takes for a passage."""
    passages = next(_articles(folders, random.Random(7)))[1]
    texts = [text for one in passages for text in windows("Title", one.piece.heading, one.piece.body)][:READ]
    embedder.passages(texts[:2])
    started, worked = time.perf_counter(), time.process_time()
    embedder.passages(texts)
    return [
        Figure("the model", "a part of a passage", (time.perf_counter() - started) * 1e3 / len(texts), "ms"),
        Figure(
            "the model", "a part of a passage, work", (time.process_time() - worked) * 1e3 / len(texts), "ms"
        ),
    ]


@contextmanager
def _empty(kind: str) -> Iterator[str]:
    if kind == POSTGRESQL:
        with running_postgres() as server:
            yield create_postgres_database(server, "retrieval")
        return
    with tempfile.TemporaryDirectory(prefix="supportbot-bench-") as folder:
        yield f"sqlite:///{folder}/retrieval.db"
