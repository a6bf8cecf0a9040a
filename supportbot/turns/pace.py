"""How often a running answer is looked at: twenty times a second, less often while many run at once.

Every look costs, whether it brings one word or five: reading the network, waking the turn and each page that
follows it, and a frame on every socket. A reader does not see the difference between 50 and 80 milliseconds;
a server that answers fifty customers does.
"""

SHORTEST, LONGEST = 0.05, 0.2
"""Seconds between two frames of an answer, with few and with very many running at once."""
_EACH = 0.0008
"""Seconds that each running answer adds to the frames of all, beyond the first few."""
_FEW = 10


class Pace:
    """The length of a frame in one process; `running` is how many answers run there right now."""

    def __init__(self, shortest: float = SHORTEST, longest: float = LONGEST) -> None:
        self._shortest = shortest
        self._longest = max(shortest, longest)
        self.running = 0

    @property
    def seconds(self) -> float:
        """How long a frame is at the moment."""
        return min(self._longest, self._shortest + max(0, self.running - _FEW) * _EACH)
