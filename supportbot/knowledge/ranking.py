"""Which passages answer a question, and whether any does. Pure, and the same for both databases.

A passage scores by BM25 over what the question wants, where a word in its title or headings counts as
further occurrences, more if it covers much of the question, and more again if words that stand together
in the question stand together in it. The figures were chosen on two help centres, where results change
little with each of them.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress, count

from supportbot.knowledge.confidence import by_meaning, by_words, covered
from supportbot.knowledge.indexing import Indexed
from supportbot.knowledge.questions import DENYING, Question, Wanted, asking
from supportbot.knowledge.stop_words import STOP_WORDS
from supportbot.knowledge.synonyms import Phrase
from supportbot.knowledge.vocabulary import Vocabulary
from supportbot.knowledge.words import stem

SATURATION = 1.5
"""How soon a further occurrence of the same word stops counting (BM25's k1)."""

LENGTH_MATTERS = 0.5
"""How much a long passage has to hold a word more often (BM25's b)."""

IN_TITLE = 1.3
IN_HEADING = 1.5
TOGETHER = 0.5
NAMES_IT = 0.2
"""A title or heading of nothing but the question's words is what was asked for."""

ASKED_IN_HEADING = 1.1
"""A heading may ask the same way: "How to cancel" for "How do I cancel?"."""

ALIKE = 0.8
"""Two passages that share this part of their words say the same, such as two versions of a manual."""

WORDS_HELP = 0.1
"""What the best passage by words gets on top of its closeness, where there is a model; others less."""

NAMED = 0.7
"""A passage is below what is asked for if its title and headings name this part of the question."""

NOTHING_ELSE = 0.12
"""What a passage then gets on top of its closeness if its headings name nothing but what is asked for. The
title alone makes all of its passages close, and the shortest closest, whatever they are about: "How do I get
a refund?" does not ask about refunds that were declined."""

NOTHING_ELSE_BY_WORDS = 0.24
"""The same as a part of its score by words."""

ASKS_ALIKE = 0.75
"""What a heading that asks the same way counts beside what it names."""

JUDGED = 3
"""Whether the articles have an answer is read off this many of the best passages."""

_STOP_TERMS = frozenset(map(stem, STOP_WORDS))

_DENYING_TERMS = frozenset(map(stem, DENYING))

_NEXT_FIELD = 1_000_000
"""Positions in heading and body begin here, so that no phrase reaches from one into the other."""

Places = dict[str, list[int]]
"""Where each wanted term stands."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage to rank. Candidates of one `section` are parts of it; the `key` settles ties."""

    key: tuple[str, int]
    section: tuple[str, str]
    words: Indexed
    closeness: float | None = None
    """How close its meaning is to the question's; None without a model, and before it has a vector."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate, how well it fits, and whether it is surely, or likely, about the question at all."""

    candidate: Candidate
    score: float
    confident: bool
    likely: bool
    coverage: float
    asked_for: float = 0.0
    """How much its title and headings name the question, and the headings nothing else."""


def rank(
    question: Question, candidates: Sequence[Candidate], vocabulary: Vocabulary, limit: int
) -> list[Ranked]:
    """The best passages, best first: one of each section and none that repeats a better one.

    Args:
        question: What the customer wants.
        candidates: Passages that may answer; those without a word of the question are left out.
        vocabulary: The words of the whole collection.
        limit: How many to return at most.
    """
    terms = {term for phrase in question.phrases() for term in phrase}
    judged = _fused([_judge(question, terms, candidate, vocabulary) for candidate in candidates])
    judged.sort(key=lambda ranked: (-ranked.score, ranked.candidate.key))
    chosen: list[Ranked] = []
    for ranked in judged:
        if len(chosen) == limit or ranked.score <= 0:
            break
        if not any(_repeats(ranked.candidate, better.candidate) for better in chosen):
            chosen.append(ranked)
    return chosen


def confident(ranked: Sequence[Ranked]) -> bool:
    """Whether the best passages are about the question at all."""
    return any(passage.confident for passage in ranked[:JUDGED])


@dataclass(slots=True)
class _Tally:
    """What one passage has of a question."""

    score: float = 0.0
    reached: float = 0.0
    possible: float = 0.0
    asked: float = 0.0
    covered: float = 0.0
    headed: float = 0.0
    matched: int = 0

    def count(self, wanted: Wanted, places: Places, length: float) -> None:
        """Add what the passage has of one thing wanted: the form of it that counts most."""
        best = credit = 0.0
        in_heading = False
        for form, worth in wanted.forms:
            if form[0] in places and (times := _occurrences(form, places, length)):
                best = max(best, worth * times * (SATURATION + 1) / (times + SATURATION))
                credit = max(credit, worth)
                in_heading = in_heading or _starts(form, places)[0] < 2 * _NEXT_FIELD
        self.score += wanted.weight * best
        self.reached += wanted.weight * credit
        self.possible += wanted.weight if wanted.forms else 0
        if not wanted.chatty:
            self.asked += wanted.weight
            self.covered += wanted.weight * credit
            self.headed += wanted.weight * credit if in_heading else 0
            self.matched += credit > 0

    @property
    def coverage(self) -> float:
        """How much of the question the passage covers."""
        return covered(self.covered / self.asked, self.headed / self.asked) if self.asked else 0.0

    def ranked(self, candidate: Candidate, score: float, asked_for: float) -> Ranked:
        """The passage with this score and what is to be thought of it, as far as words say."""
        coverage = self.coverage
        confident, likely = by_words(coverage, self.matched, self.headed > 0)
        return Ranked(candidate, score, confident, likely, coverage, asked_for)


def _judge(question: Question, terms: set[str], candidate: Candidate, vocabulary: Vocabulary) -> Ranked:
    words = candidate.words
    places = _places(words, terms)
    length = 1 - LENGTH_MATTERS + LENGTH_MATTERS * len(words.body) / vocabulary.average_length
    tally = _Tally()
    for wanted in question.wanted:
        tally.count(wanted, places, length)
    score = tally.score + TOGETHER * sum(
        min(vocabulary.rarity(first), vocabulary.rarity(second))
        for first, second in question.neighbours
        if _stand_together(first, second, places)
    )
    score *= 1 + (tally.reached / tally.possible if tally.possible else 0)
    score *= 1 + NAMES_IT * (_share(words.title, terms) + _share(words.heading or words.title, terms))
    if question.asks & asking(words.heading):
        score *= ASKED_IN_HEADING
    asked_for = _asked_for(question, words) if tally.headed else 0.0
    score *= 1 + NOTHING_ELSE_BY_WORDS * asked_for
    return tally.ranked(candidate, score, asked_for)


def _asked_for(question: Question, words: Indexed) -> float:
    """How much title and headings name the question, and the headings nothing else; 0 if they name little."""
    above = {*words.title, *words.heading}
    asked = named = 0.0
    for wanted in question.wanted:
        # A word that no article has tells no passage from another.
        if wanted.forms:
            asked += wanted.weight
            credits = (credit for form, credit in wanted.forms if above.issuperset(form))
            named += wanted.weight * max(credits, default=0)
    share = named / asked if asked else 0.0
    return share * _nothing_else(question, words.heading) if share >= NAMED else 0.0


def _nothing_else(question: Question, heading: Sequence[str]) -> float:
    """How much of what a heading names the question asks for; an introduction is about all of its article."""
    worth: dict[str, float] = {}
    for wanted in question.wanted:
        for form, credit in wanted.forms:
            worth |= {term: max(credit, worth.get(term, 0)) for term in form}
    named = set(heading) - _STOP_TERMS
    whole = len(named)
    asks = asking(heading)
    # "Who can see it" and "It does not work" are not asked for by "How do I do it?", and "How to do it" is.
    if question.asks:
        whole += len(asks - question.asks)
    if not question.denies:
        whole += not _DENYING_TERMS.isdisjoint(heading)
    share = sum(worth.get(term, 0) for term in named) / whole if whole else 1.0
    return share + (ASKS_ALIKE if question.asks & asks else 0)


def _fused(judged: list[Ranked]) -> list[Ranked]:
    """Ranked by meaning, with a bonus for the question's words; by words alone where none has a vector."""
    known = [ranked.candidate.closeness for ranked in judged if ranked.candidate.closeness is not None]
    best = max((ranked.score for ranked in judged), default=0)
    if not known:
        return judged
    closest = max(known)
    fused: list[Ranked] = []
    for ranked in judged:
        words = ranked.score / best if best else 0
        closeness = ranked.candidate.closeness
        confident, likely = ranked.confident, ranked.likely
        if closeness is None:
            score = (closest + WORDS_HELP) * words
        else:
            score = closeness + WORDS_HELP * words
            confident, likely = by_meaning(closeness, ranked.coverage, confident)
        score += NOTHING_ELSE * ranked.asked_for
        fused.append(Ranked(ranked.candidate, score, confident, likely, ranked.coverage, ranked.asked_for))
    return fused


def _share(heading: Sequence[str], terms: set[str]) -> float:
    """How much of a heading the question names."""
    content = set(heading) - _STOP_TERMS
    return len(content & terms) / len(content) if content else 0.0


def _places(words: Indexed, wanted: set[str]) -> Places:
    places: Places = {}
    for field, part in enumerate((words.title, words.heading, words.body)):
        # Without a line of Python for each of a passage's words: this is most of the time a question takes.
        of_ours = map(wanted.__contains__, part)
        for at in compress(count(), of_ours):
            places.setdefault(part[at], []).append(field * _NEXT_FIELD + at)
    return places


def _occurrences(form: Phrase, places: Places, length: float) -> float:
    starts = _starts(form, places)
    if not starts:
        return 0.0
    # In order: those in the title, in the headings, in the body.
    headings = bisect_left(starts, _NEXT_FIELD)
    body = bisect_left(starts, 2 * _NEXT_FIELD)
    return (len(starts) - body) / length + IN_HEADING * (body > headings) + IN_TITLE * (headings > 0)


def _starts(form: Phrase, places: Places) -> list[int]:
    """Where the words of `form` stand side by side."""
    starts = places.get(form[0], [])
    for offset, term in enumerate(form[1:], start=1):
        following = set(places.get(term, ()))
        starts = [at for at in starts if at + offset in following]
    return starts


def _stand_together(first: str, second: str, places: Places) -> bool:
    if first not in places or second not in places:
        return False
    following = set(places[second])
    return any(at + 1 in following or at + 2 in following for at in places[first])


def _repeats(candidate: Candidate, better: Candidate) -> bool:
    if candidate.section == better.section:
        return True
    mine = {*candidate.words.heading, *candidate.words.body}
    theirs = {*better.words.heading, *better.words.body}
    return len(mine & theirs) >= ALIKE * len(mine | theirs)
