"""Rules over a sentence, of which one is enough."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from supportbot.escalations.wording.notation import pattern

FARTHEST_BACK = 80
"""Characters before a rule's words that can turn them into something else."""


@dataclass(frozen=True)
class Phrases:
    """Rules of which one is enough, and what before them makes it not enough.

    Args:
        said: Rules that may begin at any word of a sentence.
        alone: Rules that must be the whole sentence.
        after: Rules that end right before one of `said` and turn it into something else: "I don't want to".
        families: The words for `<name>`.
    """

    said: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    families: Mapping[str, str] = field(default_factory=dict)

    def found(self, sentence: str) -> bool:
        """Whether a sentence holds one of them."""
        if self._alone is not None and self._alone.fullmatch(sentence):
            return True
        if self._said is None:
            return False
        return any(not self._turned(sentence, hit.start()) for hit in self._said.finditer(sentence))

    def _turned(self, sentence: str, at: int) -> bool:
        return self._after is not None and bool(self._after.search(sentence[max(0, at - FARTHEST_BACK) : at]))

    @cached_property
    def _said(self) -> re.Pattern[str] | None:
        # Looked ahead for, so that words which are turned do not hide others that begin among them.
        return self._compiled(self.said, "(?=(?:", r")(?!\w))")

    @cached_property
    def _alone(self) -> re.Pattern[str] | None:
        return self._compiled(self.alone, "(?:", ")")

    @cached_property
    def _after(self) -> re.Pattern[str] | None:
        return self._compiled(self.after, "(?:", ")$")

    def _compiled(self, rules: tuple[str, ...], before: str, after: str) -> re.Pattern[str] | None:
        every = "|".join(pattern(rule, self.families) for rule in rules)
        return re.compile(before + every + after) if rules else None
