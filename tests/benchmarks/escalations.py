"""`python -m tests.benchmarks.escalations [FOLDER]`: what the policy makes of what customers write.

The sentences of `tests/escalations/sentences`, by topic and language, and questions of other companies'
customers from a folder of shared data (beside the repository, unless one is given), by intent and reason.
docs/benchmarks.md says how to read it.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from supportbot.escalations import policy
from tests.benchmarks.figures import Figure, table
from tests.escalations.spoken import FOLDER, LANGUAGES, MEANT, MORE, Spoken, misread, spoken
from tests.escalations.strangers import ABUSE, ANYTHING, BANK, HELP_CENTRES, ORDINARY, questions
from tests.shared_data import shared

MISSED = 5.0
"""Percent of the sentences that ask for people and may be missed."""
MISTAKEN = 2.0
"""Percent of the innocent ones that may be mistaken."""
SHOWN = 3
"""Questions shown for each intent and reason."""


def of_sentences(folder: Path) -> list[Figure]:
    """How many of the sentences in a folder are misread, by topic and language."""
    figures: list[Figure] = []
    for topic in (one for one in MEANT if (folder / f"{one}.txt").exists()):
        what, bar = ("mistaken", MISTAKEN) if MEANT[topic] is None else ("missed", MISSED)
        all_of_it, wrong = spoken(topic, folder), misread(topic, folder)
        part = f"{topic}, {folder.name}"
        figures += [_share(part, language, what, all_of_it, wrong) for language in LANGUAGES]
        figures.append(
            Figure(part, f"of all {len(all_of_it)}, {what}", 100 * len(wrong) / len(all_of_it), "%", bar)
        )
    return figures


def of_strangers(strangers: Iterable[tuple[str, str]]) -> list[str]:
    """Lines that say, for each intent, what goes to people and why, with a few of the questions."""
    asked: Counter[str] = Counter()
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for intent, text in strangers:
        asked[intent] += 1
        if (reason := policy.read(text)) is not None:
            found[intent][reason].append(text)
    lines: list[str] = []
    for intent in sorted(asked):
        reasons = ", ".join(f"{len(texts)} {reason}" for reason, texts in sorted(found[intent].items()))
        verdict = "" if intent not in ORDINARY else "  pass" if not reasons else "  FAIL"
        lines.append(f"  {intent:48}{asked[intent]:>5}  {reasons or 'none'}{verdict}")
        for reason, texts in sorted(found[intent].items()):
            lines += [f"      {reason}: {' '.join(text.split())[:90]}" for text in texts[:SHOWN]]
    return lines


def main() -> None:
    """Print it all."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else shared("")
    figures = of_sentences(FOLDER) + of_sentences(MORE)
    print(table(figures))
    print(f"\n{sum(figure.passed is False for figure in figures)} bars missed")
    for name in (BANK, HELP_CENTRES, ANYTHING, ABUSE):
        if (folder / name).exists():
            asked = questions(name, folder)
            print(f"\n{name}, {len(asked)} questions\n" + "\n".join(of_strangers(asked)))
        else:
            print(f"\n{folder / name} is not on this machine")


def _share(part: str, language: str, what: str, all_of_it: list[Spoken], wrong: list[Spoken]) -> Figure:
    of_language = sum(one.language == language for one in all_of_it)
    misread_ones = sum(one.language == language for one in wrong)
    return Figure(part, f"{language}, {of_language} sentences, {what}", misread_ones)


if __name__ == "__main__":
    main()
