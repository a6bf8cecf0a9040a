"""Whether a passage is about the question at all. Pure.

No score tells: the best passage for a question nobody wrote about scores like the fifth for one that is
answered. Closeness of meaning tells most, the share of the question's rare words that a passage covers tells
something, and both agreeing more than either. Where the lines are drawn is measured: decision 9.
"""

# By words: the share of the question that a passage covers, by weight. One word may stand there by chance,
# four hardly; a word in the heading is what the passage is about.
NEEDED = 0.8
LESS_FOR_EACH_WORD = 0.14
WORDS_THAT_COUNT = 4
HEADING_HELPS = 0.3
LIKELY = 0.5
"""A passage that covers this part of what is needed may be about the question."""

# By meaning: closeness, and a little more of it for what is covered.
COVERED = 0.1
SURE = 0.36
SURE_WITH_WORDS = 0.28
CLOSE = 0.22


def covered(by_text: float, by_heading: float) -> float:
    """How much of a question a passage covers: 1 is all of it."""
    return by_text + HEADING_HELPS * by_heading


def by_words(coverage: float, matched: int, in_heading: bool) -> tuple[bool, bool]:
    """Whether a passage is sure, and whether it is likely, to be about the question, from words alone.

    Args:
        coverage: How much of the question it covers.
        matched: How many of the things asked for it has.
        in_heading: Whether one of them is in its title or headings.
    """
    if not matched or (matched == 1 and not in_heading):
        return False, False
    needed = NEEDED - LESS_FOR_EACH_WORD * min(matched, WORDS_THAT_COUNT)
    return coverage >= needed, coverage >= LIKELY * needed


def by_meaning(closeness: float, coverage: float, sure_by_words: bool) -> tuple[bool, bool]:
    """The same where it is known how close the passage's meaning is to the question's."""
    close = closeness + COVERED * min(1, coverage)
    return close >= SURE or (sure_by_words and close >= SURE_WITH_WORDS), close >= CLOSE
