"""Two citizens tell the authority about themselves and one of them is forgotten: nothing brings the texts back."""

import json
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from msgspec import to_builtins
from msgspec.structs import replace

from labkit.controls import commands
from labkit.exit_codes import ExitCode
from ledger.domain.citizen import personal_fields
from ledger.domain.events import BY_TAG
from ledger.domain.identifiers import CitizenRef
from ledger.store.master_key import read_or_make_master_key
from ledger.store.vault import Vault
from tests.faults.citizens import FORGOTTEN, REFERENCE, REMEMBERED, shown, told
from tests.faults.stream import read_stream
from tests.running import RunningInstance, running_instance

SEALED = "sealed:"


class Seen(NamedTuple):
    """What could be seen of both citizens at one moment."""

    history: list[Any]
    page: str
    other_page: str
    overview: dict[str, Any]
    files: dict[str, bytes]
    stream: list[bytes]


class Forgetting(NamedTuple):
    """An instance before and after a citizen was forgotten, and copies made before."""

    running: RunningInstance
    before: Seen
    after: Seen
    old_ledger: Path
    old_keys: Path
    wrapped_key: bytes


@pytest.fixture(scope="module")
def forgetting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forgetting]:
    folder = tmp_path_factory.mktemp("forget")
    with running_instance(folder / "data") as running:
        sent = [commands.register_authority(), commands.publish_service(), *told(FORGOTTEN), *told(REMEMBERED)]
        answer = running.post("/commands", to_builtins(sent))
        assert {result["status"] for result in answer.json["results"]} == {"accepted"}, answer.text
        running.wait_until_views_reach(answer.json["position"])
        before = look(running)
        old_ledger, old_keys = folder / "old.db", folder / "old-keys"
        back_up(running.data / "ledger.db", old_ledger)
        shutil.copytree(running.data / "keys", old_keys)
        wrapped_key = wrapped_key_of(FORGOTTEN.citizen, running.data)

        ended = running.labkit("forget", str(FORGOTTEN.citizen), "--yes", "--json")

        assert ended.returncode == ExitCode.OK, ended.stderr
        running.wait_until_views_reach(json.loads(ended.stdout)["position"])
        yield Forgetting(running, before, look(running), old_ledger, old_keys, wrapped_key)


def test_what_is_not_personal_is_found_wherever_events_are_kept(forgetting: Forgetting) -> None:
    kept = files_with([REFERENCE.encode()], forgetting.after.files)

    assert {"ledger.db", "nats", "views/timeline", "views/inbox", "views/counter"} <= set(kept)


def test_no_personal_text_is_ever_written_to_a_disk(forgetting: Forgetting) -> None:
    fragments = [*FORGOTTEN.fragments, *REMEMBERED.fragments]

    assert files_with(fragments, forgetting.before.files) == []
    assert files_with(fragments, forgetting.after.files) == []


def test_no_personal_text_is_in_the_stream(forgetting: Forgetting) -> None:
    messages = forgetting.after.stream

    assert len(messages) == forgetting.running.ledger_position()
    fragments = [*FORGOTTEN.fragments, *REMEMBERED.fragments]
    assert [fragment for fragment in fragments if any(fragment in message for message in messages)] == []


def test_an_agent_could_read_every_text_before(forgetting: Forgetting) -> None:
    assert [text for text in shown(FORGOTTEN) if text not in forgetting.before.page] == []


def test_an_agent_reads_none_of_the_texts_afterwards(forgetting: Forgetting) -> None:
    texts = [FORGOTTEN.name, *FORGOTTEN.texts.values()]

    assert [text for text in texts if text in forgetting.after.page] == []
    assert "Erased" in forgetting.after.page


def test_the_history_holds_the_same_events_as_before(forgetting: Forgetting) -> None:
    assert forgetting.after.history == forgetting.before.history


def test_every_field_that_can_be_personal_was_written(forgetting: Forgetting) -> None:
    sealed = {
        (row["event"], name)
        for row in forgetting.before.history
        for name, value in row["data"].items()
        if str(value).startswith(SEALED)
    }

    assert sealed == {(tag, name) for tag, kind in BY_TAG.items() for name in personal_fields(kind)}


def test_the_other_citizens_texts_are_still_read(forgetting: Forgetting) -> None:
    assert [text for text in shown(REMEMBERED) if text not in forgetting.after.other_page] == []


def test_the_figures_are_the_same_as_before(forgetting: Forgetting) -> None:
    before, after = forgetting.before.overview, forgetting.after.overview

    assert after == {**before, "position": before["position"] + 1}
    assert after["cases"] == 2


def test_the_sealed_tokens_remain_and_nothing_opens_them(forgetting: Forgetting) -> None:
    tokens = tokens_in(forgetting.after.history)
    keys = forgetting.running.data / "keys"
    vault = Vault(keys / "keys.db", read_or_make_master_key(keys / "master.key"))

    revealed = [vault.reveal(token) for token in tokens]

    vault.close()
    assert revealed == [None] * len(tokens)
    assert "ledger.db" in files_with([token.encode() for token in tokens], forgetting.after.files)


def test_the_wrapped_key_is_in_no_file_any_more(forgetting: Forgetting) -> None:
    assert files_with([forgetting.wrapped_key], forgetting.before.files) == ["keys/keys.db"]
    assert files_with([forgetting.wrapped_key], forgetting.after.files) == []


def test_nothing_more_is_recorded_about_a_forgotten_citizen(forgetting: Forgetting) -> None:
    call = told(FORGOTTEN)[1]
    again = replace(call, command_id=FORGOTTEN.identifier("again"), interaction_id=FORGOTTEN.identifier("again"))

    answer = forgetting.running.post("/commands", to_builtins([again]))

    assert [result["problem"]["type"] for result in answer.json["results"]] == ["/problems/citizen-is-forgotten"]


def test_forgetting_again_changes_nothing(forgetting: Forgetting) -> None:
    position = forgetting.running.ledger_position()

    ended = forgetting.running.labkit("forget", str(FORGOTTEN.citizen), "--yes", "--json")

    assert ended.returncode == ExitCode.OK
    assert json.loads(ended.stdout)["status"] == "unchanged"
    assert forgetting.running.ledger_position() == position


def test_an_older_copy_of_the_ledger_does_not_bring_the_texts_back(forgetting: Forgetting, tmp_path: Path) -> None:
    data = tmp_path / "restored"
    data.mkdir(mode=0o700)
    shutil.copy(forgetting.old_ledger, data / "ledger.db")
    shutil.copytree(forgetting.running.data / "keys", data / "keys")

    with running_instance(data) as restored:
        assert_forgotten_there(restored)


def test_an_older_copy_of_the_keys_does_not_bring_the_texts_back(forgetting: Forgetting, tmp_path: Path) -> None:
    data = tmp_path / "restored"
    data.mkdir(mode=0o700)
    back_up(forgetting.running.data / "ledger.db", data / "ledger.db")
    shutil.copytree(forgetting.old_keys, data / "keys")
    assert files_with([forgetting.wrapped_key], files_of(data)) == ["keys/keys.db"]

    with running_instance(data) as restored:
        assert_forgotten_there(restored)
        assert files_with([forgetting.wrapped_key], files_of(data)) == []


def assert_forgotten_there(restored: RunningInstance) -> None:
    restored.wait_until_views_reach(restored.ledger_position())
    seen = look(restored)
    assert [text for text in FORGOTTEN.texts.values() if text in seen.page] == []
    assert "Erased" in seen.page
    assert REMEMBERED.texts["motifs"] in seen.other_page
    assert files_with([*FORGOTTEN.fragments, *REMEMBERED.fragments], seen.files) == []


def look(running: RunningInstance) -> Seen:
    return Seen(
        history=json.loads(running.labkit("history", str(FORGOTTEN.case), "--json").stdout)["rows"],
        page=running.request("GET", f"/cases/{FORGOTTEN.case}", Accept_Language="en").text,
        other_page=running.request("GET", f"/cases/{REMEMBERED.case}", Accept_Language="en").text,
        overview=running.get("/views/overview").json,
        files=files_of(running.data),
        stream=[message.data for message in read_stream(running.reader_url())],
    )


def files_of(data: Path) -> dict[str, bytes]:
    return {path.relative_to(data).as_posix(): path.read_bytes() for path in data.rglob("*") if path.is_file()}


def files_with(fragments: Iterable[bytes], files: dict[str, bytes]) -> list[str]:
    """The files that hold one of the fragments; those of SQLite and of NATS under the name of their database."""
    wanted = list(fragments)
    found = {name for name, content in files.items() if any(fragment in content for fragment in wanted)}
    return sorted({_database_of(name) for name in found})


def _database_of(name: str) -> str:
    if name.startswith("nats/jetstream/"):
        return "nats"
    if name.startswith("views/"):
        return "/".join(name.split("/")[:2])
    return name.removesuffix("-wal").removesuffix("-shm")


def tokens_in(history: list[Any]) -> list[str]:
    values = [str(value) for row in history for value in row["data"].values()]
    return [value for value in values if value.startswith(SEALED)]


def wrapped_key_of(citizen: CitizenRef, data: Path) -> bytes:
    with closing(sqlite3.connect(f"{(data / 'keys' / 'keys.db').as_uri()}?mode=ro", uri=True)) as database:
        wrapped: bytes = database.execute(
            "SELECT wrapped FROM subject_key WHERE subject = ?", (citizen.bytes,)
        ).fetchone()[0]
    return wrapped


def back_up(source: Path, target: Path) -> None:
    """Copy a database as SQLite itself does, while it is in use."""
    with (
        closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as running,
        closing(sqlite3.connect(target)) as copy,
    ):
        running.backup(copy)
