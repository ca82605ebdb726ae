"""A stream in memory that does what a real one does to its writers: refuses, stores and does not answer, forgets."""

from enum import Enum

from ledger.publishing.message import End, Message, PublishDoubt, end_of


class Weather(Enum):
    """What becomes of the next append, or of the next question where the stream ends."""

    FAIR = "stored and acknowledged"
    REFUSED = "not stored"
    ACK_LOST = "stored, not acknowledged"
    CUT = "a part is stored, nothing acknowledged"
    LATE = "not acknowledged, and stored later on"
    STALE = "the end is told as it was before"


class SimulatedStream:
    """Message number N is at place N-1; an append is fenced by the position it expects, message by message."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.weather = Weather.FAIR
        self._under_way: list[list[Message]] = []
        self._end_before = End()

    async def ensure(self) -> None:
        """The stream is there."""

    async def end(self) -> End:
        weather, self.weather = self.weather, Weather.FAIR
        if weather is Weather.REFUSED:
            raise PublishDoubt("no answer")
        now = end_of(len(self.messages), self.messages[-1].payload) if self.messages else End()
        before, self._end_before = self._end_before, now
        return before if weather is Weather.STALE and before.position <= now.position else now

    async def append(self, messages: list[Message]) -> None:
        weather, self.weather = self.weather, Weather.FAIR
        match weather:
            case Weather.FAIR | Weather.STALE:
                if not self._store(messages):
                    raise PublishDoubt("wrong last sequence")
                return
            case Weather.ACK_LOST:
                self._store(messages)
            case Weather.CUT:
                self._store(messages[: len(messages) // 2])
            case Weather.LATE:
                self._under_way.append(messages)
        raise PublishDoubt(weather.value)

    def deliver(self) -> None:
        """Let arrive what was still under way, long after its sender gave up."""
        for messages in self._under_way:
            self._store(messages)
        self._under_way.clear()

    def lose(self, count: int) -> None:
        """Lose the last messages, as a server does that had not synced them; what was under way is gone too."""
        del self.messages[max(0, len(self.messages) - count) :]
        self._under_way.clear()
        self._end_before = End()

    def _store(self, messages: list[Message]) -> bool:
        for message in messages:
            if not self.takes(message):
                return False
            self.messages.append(message)
        return True

    def takes(self, message: Message) -> bool:
        """Tell whether a message follows the last one: the fence."""
        return message.position == len(self.messages) + 1
