"""The control word `[ESCALATE]`: held back until it can no longer be one, so that it is never shown."""

import re

MARKER = "[ESCALATE]"

# Not `upper()`: "ß" grows by a letter there, and every place after it would be wrong.
_MARKER = re.compile(re.escape(MARKER) + " *", re.IGNORECASE | re.ASCII)


class ControlWord:
    """Passes an answer's text on, except for the control word, however the stream splits it.

    It is expected at the start of an answer; anywhere else it is taken out and counts just the same.
    """

    def __init__(self) -> None:
        self.escalates = False
        self._held = ""
        self._started = False

    def feed(self, text: str) -> str:
        """The part of what has arrived that may be shown now."""
        text = self._take_out(self._held + text)
        keep = _begins_marker(text)
        shown, self._held = text[: len(text) - keep], text[len(text) - keep :]
        return self._trimmed(shown)

    def finish(self) -> str:
        """What was held back and turned out to be ordinary text, at the end of the answer."""
        shown, self._held = self._held, ""
        return self._trimmed(shown)

    def _take_out(self, text: str) -> str:
        # A space remains in its place, lest what stood around it become another one.
        text, found = _MARKER.subn(" ", text)
        self.escalates = self.escalates or found > 0
        return text

    def _trimmed(self, shown: str) -> str:
        # Blank space before the first word would only push the answer down the page.
        if not self._started:
            shown = shown.lstrip()
            self._started = bool(shown)
        return shown


def _begins_marker(text: str) -> int:
    """How many characters at the end of `text` could be the start of the marker."""
    longest = min(len(text), len(MARKER) - 1)
    return next((n for n in range(longest, 0, -1) if MARKER.startswith(text[-n:].upper())), 0)
