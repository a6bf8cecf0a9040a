"""What a message says, in whichever language."""

from supportbot.escalations.wording.reading import sentences
from supportbot.escalations.wording.rules import every_language


class Heard:
    """A message, asked what it says. A topic is looked for when it is asked about, sentence by sentence."""

    def __init__(self, text: str) -> None:
        self._sentences = sentences(text)

    @property
    def asks_for_person(self) -> bool:
        """They want to talk to somebody of ours. How something works is no such request."""
        return self._hear("asking")

    @property
    def threatens_with_law(self) -> bool:
        """Lawyers, courts, authorities or the press come next."""
        return self._hear("legal")

    @property
    def fears_for_security(self) -> bool:
        """Somebody else is in, data got out, a weakness was found."""
        return self._hear("security")

    @property
    def demands_what_people_do(self) -> bool:
        """Money back, or the account closed or given away, by us; and they do not ask how that is done."""
        return self._hear("demands") and not self._hear("inquiries")

    @property
    def is_neglected(self) -> bool:
        """Nobody helps or answers, however often they ask."""
        return self._hear("neglect")

    @property
    def is_fed_up(self) -> bool:
        """They have had enough of what they are told, or of not being helped."""
        return self._hear("fed_up") or self.is_neglected

    @property
    def was_not_helped(self) -> bool:
        """What they were told last did not help."""
        return self._hear("unhelpful") or self.is_fed_up

    @property
    def asks_something(self) -> bool:
        """There is something to answer."""
        return self._hear("questions")

    def _hear(self, topic: str) -> bool:
        return any(rules.hear(topic, sentence) for rules in every_language() for sentence in self._sentences)
