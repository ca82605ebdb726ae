"""A recording played into another ledger: the same story, of new cases."""

import json
import shutil
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from labkit.exit_codes import ExitCode
from labkit.prototype.cases import Cases
from labkit.prototype.trying import Trial, prototype
from labkit.replay.again import PAUSE_MAX_S, play
from labkit.replay.export import exported
from labkit.replay.recorded import Recording
from labkit.replay.recording_file import read_recording, write_recording
from ledger.domain.errors import CaseIsClosed
from ledger.domain.vocabulary import Channel, Direction, Outcome
from tests.publish.browsing import recorded
from tests.running import labkit


@pytest.fixture
def recording(trial: Trial, tmp_path: Path) -> Recording:
    """Two cases, on three channels, one of them decided and closed."""
    file = tmp_path / "trial.jsonl"
    with recorded(trial, file) as running:
        one = running.fill(running.begin())
        running.cases.submit(one.id, Channel.WEB)
        other = running.begin(Channel.TELEPHONE)
        running.cases.contact(one.id, Channel.EMAIL, Direction.OUT, "Il manque une pièce.")
        running.fill(other, Channel.TELEPHONE, pages=2)
        running.cases.decide(one.id, Outcome.GRANTED, "Dossier complet")
        running.cases.close(one.id)
    return read_recording(file)


def story(cases: Cases) -> dict[tuple[str, ...], int]:
    """What happened on the cases, whatever they are called."""
    told = [tuple(f"{m.name} {m.channel} {m.service_event}" for m in case.moments) for case in cases.all()]
    return {one: told.count(one) for one in told}


def test_the_same_happens_again_to_cases_of_other_names(trial: Trial, recording: Recording, project: Path) -> None:
    with prototype(project) as again:
        played = play(recording, again.cases)

        assert (played.events, played.refused) == (len(recording.events()), ())
        assert story(again.cases) == story(trial.cases)
        assert {case.id for case in again.cases.all()}.isdisjoint(case.id for case in trial.cases.all())
        assert {case.reference for case in again.cases.all()} == set(played.references)
        moments = {m.version: m for case in trial.cases.all() for m in case.moments if len(case.moments) > 8}
        twice = {m.version: m for case in again.cases.all() for m in case.moments if len(case.moments) > 8}
        assert [m.occurred_at for m in twice.values()] == [m.occurred_at for m in moments.values()]


def test_what_is_played_is_the_same_recording_again(recording: Recording, project: Path) -> None:
    with prototype(project) as again:
        play(recording, again.cases)
        told = exported(again.project, again.cases, ())

    names = [(event.version, event.name, event.words["en"].answers) for event in recording.events()]
    assert sorted(names) == sorted((event.version, event.name, event.words["en"].answers) for event in told.events())


def test_played_faster_it_happens_now_and_as_far_apart(recording: Recording, project: Path) -> None:
    waited: list[float] = []
    with prototype(project) as again:
        began = again.cases.clock()
        play(recording, again.cases, speed=2, wait=waited.append)
        assert min(m.occurred_at for case in again.cases.all() for m in case.moments) >= began

    last = recording.events()[-1].offset - recording.events()[0].offset
    assert sum(waited) == pytest.approx(last / 2, abs=0.01)
    assert max(waited) <= PAUSE_MAX_S


def test_what_the_ledger_refuses_is_told_and_left_out(recording: Recording, project: Path) -> None:
    closed = next(event for event in recording.events() if event.name == "case-closed.v1")
    told = next(event for event in recording.events() if event.words["en"].text == "Il manque une pièce.")
    late = msgspec.structs.replace(
        told,
        version=closed.version + 1,
        event=msgspec.structs.replace(told.event, version=closed.version + 1, interaction_id=uuid4()),
    )
    with prototype(project) as again:
        played = play(msgspec.structs.replace(recording, entries=(*recording.entries, late)), again.cases)

    (refused,) = played.refused
    assert (refused.reference, refused.version) == (closed.reference, closed.version + 1)
    assert isinstance(refused.refusal, CaseIsClosed)
    assert played.events == len(recording.events())


def test_a_recording_that_is_known_as_a_whole_is_written_and_read_back(recording: Recording, tmp_path: Path) -> None:
    write_recording(tmp_path / "copy.jsonl", recording)
    assert read_recording(tmp_path / "copy.jsonl") == recording


def test_the_verbs_take_a_case_from_one_ledger_to_another(recording: Recording, project: Path, tmp_path: Path) -> None:
    folder, file = tmp_path / "essai", tmp_path / "trial.jsonl"
    shutil.copytree(project, folder, ignore=shutil.ignore_patterns("__pycache__"))
    where = ("--project", str(folder))

    played = labkit("replay", str(file), "--into", str(tmp_path / "one"), "--json", *where)
    told = json.loads(played.stdout)
    assert played.returncode == ExitCode.OK, played.stderr
    assert (told["events"], told["refused"]) == (len(recording.events()), [])

    taken = tmp_path / "taken.jsonl"
    kept = labkit("record", str(taken), "--case", told["references"][0], "--data", str(tmp_path / "one"), *where)
    assert kept.returncode == ExitCode.OK, kept.stderr
    assert "Cases: 1" in kept.stdout
    assert {event.reference for event in read_recording(taken).events()} == {told["references"][0]}

    again = labkit("replay", str(taken), "--into", str(tmp_path / "one"), *where)
    assert (again.returncode, "--force-new-cases" in again.stderr) == (ExitCode.BAD_INPUT, True)
    forced = labkit("replay", str(taken), "--into", str(tmp_path / "one"), "--force-new-cases", *where)
    assert forced.returncode == ExitCode.OK, forced.stderr
    over = labkit("record", str(taken), "--data", str(tmp_path / "one"), *where)
    assert (over.returncode, "exists" in over.stderr) == (ExitCode.BAD_INPUT, True)


def test_where_nothing_ever_ran_there_is_nothing_to_record(project: Path, tmp_path: Path) -> None:
    said = labkit("record", str(tmp_path / "x.jsonl"), "--project", str(project), "--data", str(tmp_path / "none"))

    assert said.returncode == ExitCode.NOTHING_RUNNING
    assert not (tmp_path / "none").exists()
    assert not (tmp_path / "x.jsonl").exists()


def test_a_recording_of_another_service_is_not_played(recording: Recording, project: Path, tmp_path: Path) -> None:
    folder, file = tmp_path / "essai", tmp_path / "trial.jsonl"
    shutil.copytree(project, folder, ignore=shutil.ignore_patterns("__pycache__"))
    manifest = folder / "labkit.toml"
    manifest.write_text(manifest.read_text().replace('code = "essai"', 'code = "garderie"'))

    said = labkit("replay", str(file), "--into", str(tmp_path / "d"), "--project", str(folder))

    assert (said.returncode, "garderie" in said.stderr) == (ExitCode.BAD_INPUT, True)
    assert not (tmp_path / "d").exists()
