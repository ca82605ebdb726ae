"""A whole ledger in one thread: writers, relays and a projector that end between any two effects, and the proofs.

Everything that a process holds in memory is lost with it; what survives is the disk, the key store, the stream and
the files of the views. Clock and identifiers come from who drives the world, so a seed decides everything.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from ledger.domain.citizen import personal_fields
from ledger.domain.events import BY_TAG, CitizenForgotten
from ledger.domain.identifiers import CommandId
from ledger.domain.record import LoggedEvent
from ledger.publishing.feed import LogFeed
from ledger.publishing.message import Message, StreamMismatch
from ledger.publishing.published import compose
from ledger.settings import SOURCE_DEFAULT
from ledger.store.database import LedgerRecorder
from ledger.store.group_work import Asked
from ledger.store.mapper import decode_event
from ledger.store.vault import Vault, read_header
from ledger.store.verdict import Answer, Verdict, decode_verdict
from tests.simulation.effects import Crash, Effects, Kind
from tests.simulation.roles import RecorderLog, RelayProcess, WritingProcess
from tests.simulation.storage import Disk, FragileGroups, FragileVault
from tests.simulation.stream import SimulatedStream, Weather
from tests.simulation.town import founding
from tests.simulation.views import Oracle, Projector

READ_MAX = 100_000


class World:
    """One ledger with all its processes."""

    WRITERS = 2
    RELAYS = 2

    def __init__(self, home: Path, disk: Disk, stream: SimulatedStream | None = None) -> None:
        self.effects = Effects()
        self.stream = stream or SimulatedStream()
        self.acknowledged: dict[CommandId, Verdict] = {}
        self._unanswered: dict[UUID, Asked] = {}
        self._disk = disk
        self.keys = home / "keys.db"
        self._home = home
        self._loop = asyncio.new_event_loop()
        self._failed = False
        self._frozen: list[Message] | None = None
        self._pasts = 0
        self._views_moved = True
        self.projector = self.new_projector(home / "views")
        self.oracle = Oracle(home / "oracle")
        self._start()
        self.copy()
        self.ask(founding(), writer=0)

    def new_projector(self, home: Path) -> Projector:
        return Projector(home, self.effects)

    def new_vault(self) -> Vault:
        return FragileVault(self.keys, self.effects)

    def groups_of(self, recorder: LedgerRecorder) -> Any:
        return FragileGroups(recorder.group, self.effects)

    def ask(self, batch: Sequence[Asked], *, writer: int, fault: tuple[int, Kind] | None = None) -> None:
        """Hand a batch to a writer; what comes back is a promise, whatever follows."""
        self.effects.arm(*fault) if fault else self.effects.arm(None)
        self._unanswered |= {asked.command.command_id: asked for asked in batch}
        try:
            outcomes = self._writers[writer].writer.commit(batch)
        except Crash:
            self.end_writer(writer)
            return
        finally:
            self.effects.arm(None)
        self._failed = any(isinstance(outcome, Exception) for outcome in outcomes)
        for asked, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Answer):
                self._unanswered.pop(asked.command.command_id, None)
                known = self.acknowledged.setdefault(asked.command.command_id, outcome.verdict)
                assert known == outcome.verdict, "a repeated command was answered otherwise"

    def repeat(self, *, writer: int) -> None:
        """Have every client repeat what it was not answered, as they do until they are."""
        self.ask(list(self._unanswered.values()), writer=writer)

    def relay(self, which: int, weather: Weather) -> None:
        """Let a relay take one step in some weather."""
        self.stream.weather = weather
        try:
            self._loop.run_until_complete(self._relays[which].step())
        except StreamMismatch:
            assert not self.stream_is_a_copy(), "a relay refused a stream that is a copy of its ledger"
            self.end_relay(which)

    def project(self, size: int, fault: int | None = None) -> None:
        """Let the projector fold a page, or end while it does."""
        self._views_moved = True
        self.effects.arm(fault)
        try:
            self.projector.fold(self.stream.messages, size)
        except Crash:
            self.projector.restart()
        finally:
            self.effects.arm(None)

    def end_writer(self, which: int) -> None:
        """End a writer between two effects, and start another in its place."""
        self._writers[which].end()
        self._writers[which] = self._writing_process()

    def end_relay(self, which: int, batch_size: int = 4) -> None:
        """End a relay, and start another in its place."""
        self._relays[which] = RelayProcess(self._log, self.stream, batch_size)

    def cut_power(self) -> None:
        """End everything at once."""
        self._end()
        self._start()
        self.projector.lose_since_copy()
        self._views_moved = True

    def copy(self) -> None:
        """Keep the state of the ledger, as a backup does."""
        self._disk.copy()

    def restore(self) -> None:
        """Bring back the copy of the ledger; stream, keys and views stay as they are."""
        self._end()
        self._disk.restore()
        self._start()
        kept = self._verdicts(list(self.acknowledged))
        self.acknowledged = {each: verdict for each, verdict in self.acknowledged.items() if each in kept}
        self._frozen = None if self.stream_is_a_copy() else list(self.stream.messages)
        self._begin_views_again()

    def begin_epoch(self) -> None:
        """Have the stream made again from the ledger, as an operator does after a restore."""
        self.stream.lose(len(self.stream.messages))
        self._frozen = None
        for which in range(self.RELAYS):
            self.end_relay(which)
        self._begin_views_again()

    @property
    def is_forked(self) -> bool:
        return self._frozen is not None

    def log(self) -> list[LoggedEvent]:
        return self._log.read(0, READ_MAX)

    def close(self) -> None:
        self._end()
        self.projector.end()
        self.oracle.close()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def stream_is_a_copy(self) -> bool:
        """Tell whether the stream holds the first events of the log, byte for byte."""
        expected = [compose(event, SOURCE_DEFAULT) for event in self.log()]
        held = [message.payload for message in self.stream.messages]
        return held == expected[: len(held)]

    def check(self) -> None:
        """Prove every invariant on what is there now."""
        log = self.log()
        assert [event.position for event in log] == list(range(1, len(log) + 1)), "the log has a gap"
        self._check_promises(log)
        self._check_stream()
        # Until an operator begins an epoch, the views follow a stream that is not the ledger's.
        if self._views_moved and not self.is_forked:
            self._check_views(log)
            self._views_moved = False
        if not self._failed:  # a fence that could not be honoured is honoured by the next group, or the next start
            self._check_keys(log)

    def _check_promises(self, log: list[LoggedEvent]) -> None:
        kept = self._verdicts(list(self.acknowledged))
        recorded = Counter(event.metadata.command_id for event in log)
        for command_id, verdict in self.acknowledged.items():
            assert kept.get(command_id) == verdict, "an acknowledged verdict is not in the log"
            assert recorded[command_id] == verdict.events, "an acknowledged event is not in the log, or twice"

    def _check_stream(self) -> None:
        if self._frozen is None:
            assert self.stream_is_a_copy(), "the stream is no copy of the log"
        else:
            assert self.stream.messages == self._frozen, "a stream that is not the ledger's was written to"

    def _check_views(self, log: list[LoggedEvent]) -> None:
        feed = LogFeed(self._log).read(0, READ_MAX)
        for rank, (position, digests) in enumerate(self.projector.digests()):
            assert position <= len(log), "a view is ahead of the log"
            assert digests == self.oracle.digests(rank, position, feed), "a view is not the fold of the log"

    def _check_keys(self, log: list[LoggedEvent]) -> None:
        events = [decode_event(event.tag, event.data) for event in log]
        forgotten = {event.citizen for event in events if isinstance(event, CitizenForgotten)}
        tokens = [
            token
            for row, event in zip(log, events, strict=True)
            for name in personal_fields(BY_TAG[row.tag])
            if (token := getattr(event, name))
        ]
        for process in self._writers:
            for token in tokens:
                readable, fenced = process.vault.reveal(token) is not None, read_header(token).subject in forgotten
                assert not (fenced and readable), "a key lives after its fence"
                # What was forgotten in a past that was lost stays forgotten.
                assert fenced or readable or self._pasts, "a key is lost"

    def _verdicts(self, command_ids: list[CommandId]) -> dict[UUID, Verdict]:
        with self._reading.group() as group:
            return {each: decode_verdict(raw) for each, raw in group.verdicts(command_ids).items()}

    def _writing_process(self) -> WritingProcess:
        recorder = self._disk.open()
        recorder.group = self.groups_of(recorder)  # type: ignore[method-assign]  # the edge at which a process may end
        return WritingProcess(recorder, self.new_vault())

    def _begin_views_again(self) -> None:
        self.projector.forget_all()
        self._views_moved = True
        self.oracle.close()
        self._pasts += 1
        self.oracle = Oracle(self._home / f"oracle {self._pasts}")

    def _start(self) -> None:
        self._reading = self._disk.open()
        self._log = RecorderLog(self._reading)
        self._writers = [self._writing_process() for _ in range(self.WRITERS)]
        self._relays = [RelayProcess(self._log, self.stream, 4) for _ in range(self.RELAYS)]

    def _end(self) -> None:
        for process in self._writers:
            process.end()
        self._disk.close()
