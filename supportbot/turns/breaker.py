"""A circuit breaker: while the model is away, only one customer now and then waits to see if it is back.

Pure: whoever calls brings the clock, any number of seconds that only grows. Every call to the model is
made with a pass, and how it went is told with the same pass. A success closes the breaker and forgets
the faults before it. What says nothing about the model (a customer's stop, our own limit, an answer
that was only long) just gives the pass back.
"""

import logging
from collections import deque
from enum import StrEnum

log = logging.getLogger(__name__)

FAULTS = 5
WITHIN = 60.0
"""So many faults within so many seconds, and no success between them, open the breaker."""
REST = 15.0
LONGEST_REST = 300.0
"""Seconds until the first probe; they double with each probe that fails, up to the longest."""
PROBE_WITHIN = 120.0
"""Seconds after which a probe nobody heard of again is given up, and another may go."""


class ModelState(StrEnum):
    """How the model is doing, as far as we know."""

    OK = "ok"
    RESTING = "resting"
    MISCONFIGURED = "misconfigured"


class Pass:
    """Leave to call the model once, retries included."""

    __slots__ = ("is_probe",)

    def __init__(self, *, is_probe: bool) -> None:
        self.is_probe = is_probe


class Breaker:
    """Decides who may call the model. `state` is for `/ready` and the log."""

    def __init__(self) -> None:
        self.state = ModelState.OK
        self._faults: deque[float] = deque()
        self._probes_failed = 0
        self._rests_until = 0.0
        self._probe: Pass | None = None
        self._probe_until = 0.0

    def ask(self, now: float) -> Pass | None:
        """A pass, or None: then answer without the model. After a rest, one at a time gets a probe's pass."""
        if self.state == ModelState.OK:
            return Pass(is_probe=False)
        if now < self._rests_until or (self._probe is not None and now < self._probe_until):
            return None
        self._probe, self._probe_until = Pass(is_probe=True), now + PROBE_WITHIN
        return self._probe

    def succeeded(self, given: Pass) -> None:
        """The model answered to the end, whatever it said."""
        if self.state != ModelState.OK:
            if given is not self._probe:
                return  # begun before the faults: it says nothing about now
            log.warning("the model answers again")
        self.state, self._probe, self._probes_failed = ModelState.OK, None, 0
        self._faults.clear()

    def failed(
        self, given: Pass, now: float, *, misconfigured: bool = False, retry_after: float | None = None
    ) -> None:
        """The model could not answer.

        Args:
            given: The pass of the call.
            now: The clock.
            misconfigured: It never will until somebody changes the configuration.
            retry_after: Seconds it asked us to wait.
        """
        if self.state != ModelState.OK:
            if given is self._probe:
                self._probe = None
                self._probes_failed += 1
                self._open(now, misconfigured, retry_after)
            return
        self._faults.append(now)
        while self._faults[0] < now - WITHIN:
            self._faults.popleft()
        if misconfigured or len(self._faults) >= FAULTS:
            self._open(now, misconfigured, retry_after)

    def give_back(self, given: Pass) -> None:
        """The call is over and said nothing about the model. After a verdict this changes nothing."""
        if given is self._probe:
            self._probe = None

    def _open(self, now: float, misconfigured: bool, retry_after: float | None) -> None:
        rest = max(REST * 2 ** min(self._probes_failed, 10), retry_after or 0.0)
        rest = min(rest, LONGEST_REST)
        self._rests_until = now + rest
        if misconfigured:
            self.state = ModelState.MISCONFIGURED
            log.error("answers come from the articles: the model refuses our key or its own name")
        else:
            self.state = ModelState.RESTING
            log.warning("answers come from the articles: the model fails; it is tried again in %.0f s", rest)
