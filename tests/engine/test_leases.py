"""Several processes share the views; whoever falls silent loses his, and harms nothing when he comes back."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from projections.__main__ import main
from projections.engine.lease import FileLeases, Names, fold_what_is_held
from projections.engine.place import Server, ViewsUnreachable
from projections.engine.postgresql_leases import PostgresqlLeases
from projections.engine.store import ViewStore
from projections.engine.view import View

PATIENCE_S = 20
FIVE = ("inbox", "counter", "web", "email", "post")
FOLDING = """
import asyncio, sys, time
from ledger.domain.vocabulary import Channel
from ledger.publishing.published import PublishedEvent
from projections.engine import postgresql
from projections.engine.lease import fold_what_is_held
from projections.engine.place import Server
from projections.engine.postgresql_leases import PostgresqlLeases
from projections.engine.runner import Runner
from projections.engine.view import View

url, lingers_at = sys.argv[1], int(sys.argv[2])
postgresql.TRANSACTION_MAX_S = 1

class Endless:
    async def epochs(self):
        return ()

    async def pages(self, after):
        while True:
            print("page", after + 1, flush=True)
            await asyncio.sleep(0.05)
            yield [PublishedEvent(n, None, "", None, None, Channel.WEB, None, None, b"")
                for n in range(after + 1, after + 11)]
            after += 10

    async def hint(self, position):
        print("reached", position, flush=True)

def project(db, event):
    db.execute("INSERT INTO seen VALUES (?)", (event.position,))
    if event.position == lingers_at:
        print("inside", flush=True)
        time.sleep(0.5)

schema = "CREATE TABLE IF NOT EXISTS seen (position INTEGER PRIMARY KEY)"
view = View(name="remembering", version=1, schema=schema, project=project)
leases = PostgresqlLeases(Server(url), [view.name], shared=False, lease_s=0.6)

async def fold(names):
    print("holds", flush=True)
    runner = Runner([view], Server(url))
    try:
        await runner.run(Endless())
    finally:
        runner.close()
        print("lost", flush=True)

asyncio.run(fold_what_is_held(leases, fold, renew_every_s=0.1))
"""


class Folder:
    """A process that folds one view as long as it holds its lease."""

    def __init__(self, server: Server, lingers_at: int = 0) -> None:
        program = [sys.executable, "-c", FOLDING, server.url, str(lingers_at)]
        self.process = subprocess.Popen(program, stdout=subprocess.PIPE, text=True)

    def until(self, word: str, at_least: int = 0) -> int:
        """Wait until the process says something."""
        assert self.process.stdout
        for line in self.process.stdout:
            said, _, number = line.strip().partition(" ")
            if said == word and int(number or 0) >= at_least:
                return int(number or 0)
        raise AssertionError(f"it ended without saying {word}")

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()


StartFolder = Callable[..., Folder]


@pytest.fixture
def start(view_database: Server) -> Iterator[StartFolder]:
    """Start processes that fold the same view."""
    started: list[Folder] = []

    def start_one(lingers_at: int = 0) -> Folder:
        started.append(Folder(view_database, lingers_at))
        return started[-1]

    yield start_one
    for folder in started:
        folder.end()


def rows_of(server: Server) -> tuple[int, int, int, int]:
    """The position of the view, how many rows it has, the last of them, and how many events it set aside."""
    view = View(name="remembering", version=1, schema="", project=lambda _, __: None)
    with closing(ViewStore(view, server, reading=True)) as store:
        found = store.open().execute(
            "SELECT (SELECT position FROM view_position), count(*), max(position), (SELECT count(*) FROM parked) "
            "FROM seen"
        )
        position, rows, last, parked = found.fetchone()
        return position, rows, last, parked


@pytest.mark.parametrize("lingers_at", [0, 25], ids=["with a page in hand", "in the middle of a transaction"])
def test_a_process_that_was_stopped_loses_its_view_and_harms_nothing_when_it_goes_on(
    start: StartFolder, view_database: Server, lingers_at: int
) -> None:
    stopped = start(lingers_at)
    if lingers_at:
        stopped.until("inside")
    else:
        stopped.until("page", at_least=31)
    stopped.process.send_signal(signal.SIGSTOP)

    other = start()
    other.until("holds")
    other.until("reached", at_least=100)
    stopped.process.send_signal(signal.SIGCONT)
    stopped.until("lost")
    other.until("reached", at_least=other.until("reached") + 50)
    other.process.send_signal(signal.SIGSTOP)

    position, *rows = rows_of(view_database)
    assert rows == [position, position, 0]


def test_a_view_is_taken_over_at_once_from_a_process_that_is_killed_after_its_lease(
    start: StartFolder, view_database: Server
) -> None:
    killed = start()
    killed.until("reached", at_least=30)
    killed.end()

    other = start()
    began_s = time.monotonic()
    other.until("holds")

    assert time.monotonic() - began_s < PATIENCE_S
    assert other.until("page") >= 31
    other.until("reached", at_least=60)
    other.end()
    position, *rows = rows_of(view_database)
    assert rows == [position, position, 0]


def test_processes_share_the_views_evenly(view_database: Server) -> None:
    one, other = (PostgresqlLeases(view_database, FIVE, shared=True) for _ in range(2))

    assert one.hold() == frozenset(FIVE)
    assert other.hold() == frozenset()
    kept = one.hold()
    taken = other.hold()

    assert (len(kept), len(taken)) == (3, 2)
    assert kept | taken == frozenset(FIVE)
    assert (one.hold(), other.hold()) == (kept, taken)
    one.release()
    other.hold()
    assert other.hold() == frozenset(FIVE)
    other.release()


def test_whoever_is_told_which_views_takes_no_others(view_database: Server) -> None:
    pinned = PostgresqlLeases(view_database, ["web", "post"], shared=False)
    sharing = PostgresqlLeases(view_database, FIVE, shared=True)

    assert pinned.hold() == {"web", "post"}
    assert sharing.hold() == {"inbox", "counter", "email"}
    assert pinned.hold() == {"web", "post"}
    pinned.release()
    sharing.release()


def test_a_lease_that_is_not_renewed_ends(view_database: Server) -> None:
    silent, other = (PostgresqlLeases(view_database, FIVE, shared=True, lease_s=0.2) for _ in range(2))
    silent.hold()

    time.sleep(0.3)

    assert other.hold() == frozenset(FIVE)
    assert silent.hold() == frozenset()
    silent.release()
    other.release()


def test_a_server_that_does_not_answer_is_told_without_its_address() -> None:
    leases = PostgresqlLeases(Server("postgresql://u:secret@127.0.0.1:1/none"), FIVE, shared=True)

    with pytest.raises(ViewsUnreachable) as told:
        leases.hold()

    assert "secret" not in str(told.value)


def test_in_files_the_views_are_those_of_the_first_process_as_long_as_it_lives(tmp_path: Path) -> None:
    first, second = FileLeases(tmp_path, FIVE), FileLeases(tmp_path, [*FIVE, "social"])

    assert first.hold() == frozenset(FIVE)
    assert second.hold() == {"social"}
    first.release()

    assert second.hold() == {*FIVE, "social"}
    second.release()


async def test_what_is_held_is_folded_and_folded_anew_when_it_changes(tmp_path: Path) -> None:
    first, second, folded = FileLeases(tmp_path, ["web"]), FileLeases(tmp_path, ["web", "post"]), list[Names]()
    first.hold()

    async def fold(names: Names) -> None:
        folded.append(names)
        await asyncio.Event().wait()

    task = asyncio.create_task(fold_what_is_held(second, fold, renew_every_s=0.01))
    async with asyncio.timeout(PATIENCE_S):
        while not folded:  # noqa: ASYNC110  # another task fills it
            await asyncio.sleep(0.01)
        first.release()
        while len(folded) < 2:  # noqa: ASYNC110  # another task fills it
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])

    assert folded == [{"post"}, {"post", "web"}]
    assert first.hold() == {"web"}
    first.release()


async def test_what_ends_the_folding_ends_the_process(tmp_path: Path) -> None:
    async def fold(_: Names) -> None:
        raise LookupError("nobody there")

    with pytest.raises(LookupError, match="nobody there"):
        await fold_what_is_held(FileLeases(tmp_path, ["web"]), fold, renew_every_s=0.01)


def test_a_view_that_is_not_known_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", "--views", "inbox,fax"])

    assert ended.value.code == 2
    assert "there is no view fax" in capsys.readouterr().err
