"""What a recording keeps of a running prototype, and how it is kept."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from litestar.types import Message, Receive, Scope, Send

from labkit.failures import UnreadableFile
from labkit.prototype.recording import PAGE_BYTES_MAX, Recorder
from labkit.prototype.trying import Trial
from labkit.replay.failures import BrokenRecording, NewerRecording, RecordingNotWritable, RecordingTaken
from labkit.replay.recorded import FORMAT, FormSent, Header, PageShown
from labkit.replay.recording_file import BYTES_MAX, RecordingFile, begin_recording, read_recording
from tests.publish.browsing import recorded

HEADER = Header(
    format=FORMAT,
    kit="2026.11.0",
    began_at=datetime(2026, 11, 22, 9, tzinfo=UTC),
    project="Cantine",
    service="cantine",
    authority_name="Ville de Pau",
    languages=("fr", "en"),
)


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.fixture
def walked(trial: Trial, tmp_path: Path) -> Path:
    """A recording of a whole journey, and of a look at the agents' desk."""
    file = tmp_path / "trial.jsonl"
    with recorded(trial, file) as running:
        case = running.begin()
        running.browser.get("/_lab/fr")
        running.browser.get(f"/fr/case/{case.id}/family")
        running.fill(case)
        running.cases.submit(case.id, case.opened.channel)
        running.browser.get("/en/desk")
        running.browser.get("/theme.css")
    return file


def test_pages_forms_and_events_are_kept_in_the_order_of_what_happened(walked: Path) -> None:
    read = read_recording(walked)
    told = [entry for entry in lines(walked) if entry["kind"] != "recording"]

    assert (read.header.service, read.header.languages) == ("essai", ("fr", "en"))
    assert [entry["name"] for entry in told if entry["kind"] == "event"][:3] == [
        "case-opened.v1",
        "interaction-recorded.v1",
        "family-introduced.v1",
    ]
    kinds = [entry["kind"] for entry in told]
    assert kinds[:4] == ["event", "event", "page", "form"]
    assert [entry["offset"] for entry in told] == sorted(entry["offset"] for entry in told)
    assert len(read.entries) == len(told)


def test_what_was_typed_is_told_in_both_languages(walked: Path) -> None:
    family = next(entry for entry in read_recording(walked).events() if entry.name == "family-introduced.v1")

    assert family.version == 3
    assert family.words["fr"].title != family.words["en"].title
    assert "Nadia Larrieu" in [value for _, value in family.words["fr"].answers]
    assert "Nadia Larrieu" in family.event.content  # type: ignore[union-attr]  # it is of the service


def test_the_lab_and_the_looks_are_no_part_of_a_trial(walked: Path) -> None:
    paths = [entry["path"] for entry in lines(walked) if "path" in entry]

    assert "/en/desk" in paths
    assert not [path for path in paths if path.startswith(("/_lab", "/theme", "/static"))]
    page = next(entry for entry in lines(walked) if entry["kind"] == "page")
    assert page["title"].startswith("Le parent")
    assert "<h1>" in page["html"]


def test_what_happened_to_a_case_before_is_kept_with_it(trial: Trial, tmp_path: Path) -> None:
    case = trial.fill(trial.begin(), pages=1)
    file = tmp_path / "late.jsonl"
    with recorded(trial, file) as running:
        running.fill(running.cases.get(case.id), pages=2)

    versions = [event.version for event in read_recording(file).events()]
    assert versions == list(range(1, len(versions) + 1))
    assert len(versions) > 3


def test_cases_that_nobody_touched_are_not_in_it(trial: Trial, tmp_path: Path) -> None:
    trial.begin()
    file = tmp_path / "quiet.jsonl"
    with recorded(trial, file):
        pass
    assert read_recording(file).entries == ()


def test_a_new_start_of_the_prototype_goes_on_with_the_same_file(trial: Trial, tmp_path: Path) -> None:
    file = tmp_path / "trial.jsonl"
    begin_recording(file)
    with recorded(trial, file) as running:
        case = running.begin()
    with recorded(trial, file) as running:
        running.fill(case, pages=1)

    read = read_recording(file)
    assert [event.version for event in read.events()] == [1, 2, 3]
    assert [line["kind"] for line in lines(file)].count("recording") == 1


def test_nothing_is_recorded_over(tmp_path: Path) -> None:
    file = tmp_path / "trial.jsonl"
    begin_recording(file)
    assert oct(file.stat().st_mode)[-3:] == "600"
    with pytest.raises(RecordingTaken):
        begin_recording(file)
    with pytest.raises(RecordingNotWritable):
        begin_recording(tmp_path / "nowhere" / "trial.jsonl")


def test_a_full_recording_says_so_and_keeps_nothing_more(tmp_path: Path) -> None:
    file = tmp_path / "small.jsonl"
    kept = RecordingFile(file, HEADER, entries_max=2)
    assert [kept.write(FormSent(offset=float(rank), path="/fr/start")) for rank in range(4)] == [
        True,
        True,
        False,
        False,
    ]
    kept.close()

    assert [line["kind"] for line in lines(file)] == ["recording", "form", "form", "end"]
    assert read_recording(file).full
    again = RecordingFile(file, HEADER)
    assert not again.write(FormSent(offset=9.0, path="/fr/start"))
    again.close()


def test_a_recording_has_only_so_many_bytes(tmp_path: Path) -> None:
    file = tmp_path / "small.jsonl"
    kept = RecordingFile(file, HEADER, bytes_max=2_000)
    page = PageShown(offset=1.0, path="/fr", title="", language="fr", html="x" * 500)
    for _ in range(10):
        kept.write(page)
    kept.close()

    assert file.stat().st_size <= 2_000
    assert read_recording(file).full


def test_a_kill_costs_the_last_line_at_most(tmp_path: Path) -> None:
    file = tmp_path / "killed.jsonl"
    kept = RecordingFile(file, HEADER)
    for rank in range(3):
        kept.write(FormSent(offset=float(rank), path="/fr/start"))
    kept.close()
    file.write_bytes(file.read_bytes()[:-5])

    assert len(read_recording(file).entries) == 2
    again = RecordingFile(file, HEADER)
    assert again.offset == 1.0
    again.write(FormSent(offset=3.0, path="/fr/start"))
    again.close()
    assert [entry.offset for entry in read_recording(file).entries] == [0.0, 1.0, 3.0]


def test_a_broken_line_is_named(walked: Path) -> None:
    text = walked.read_text().splitlines()
    text[3] = text[3].replace('"kind":"', '"kind":"un')
    walked.write_text("\n".join(text) + "\n")

    with pytest.raises(BrokenRecording, match=f"{walked.name}, line 4"):
        read_recording(walked)


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"{}\n", b"[1]\n", b"\x00\n", b'{"kind":"form","offset":1,"path":"/"}\n']
)
def test_what_is_no_recording_is_broken_at_its_first_line(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "other.jsonl"
    file.write_bytes(content)
    with pytest.raises(BrokenRecording, match="line 1"):
        read_recording(file)


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        read_recording(tmp_path / "none.jsonl")


def test_a_file_of_a_newer_kit_is_refused_with_its_version(tmp_path: Path) -> None:
    file = tmp_path / "newer.jsonl"
    newer = msgspec.to_builtins(HEADER) | {"kind": "recording", "format": FORMAT + 1, "kit": "2031.1.0", "more": [1]}
    file.write_bytes(msgspec.json.encode(newer) + b"\n")
    with pytest.raises(NewerRecording, match=r"2031\.1\.0"):
        read_recording(file)


def test_a_case_without_its_beginning_is_broken(walked: Path) -> None:
    text = walked.read_text().splitlines()
    gone = next(rank for rank, line in enumerate(text) if '"case-opened.v1"' in line)
    walked.write_text("\n".join(text[:gone] + text[gone + 1 :]) + "\n")
    with pytest.raises(BrokenRecording, match=f"line {gone + 1}"):
        read_recording(walked)


def test_an_event_of_another_case_than_it_says_is_broken(walked: Path) -> None:
    read = read_recording(walked)
    first = read.events()[0]
    walked.write_text(walked.read_text().replace(f'"case":"{first.case}"', f'"case":"{uuid4()}"', 1))
    with pytest.raises(BrokenRecording):
        read_recording(walked)


def test_a_file_beyond_all_bounds_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "huge.jsonl"
    with file.open("wb") as huge:
        huge.truncate(BYTES_MAX + 1)
    with pytest.raises(BrokenRecording):
        read_recording(file)


def passed(recorder: Recorder, body: bytes, content_type: bytes = b"text/html; charset=utf-8") -> list[Message]:
    """What a browser hears of an answer that passes by the recorder."""
    heard: list[Message] = []

    async def app(_: Scope, __: Receive, send: Send) -> None:
        headers = [(b"content-type", content_type)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def hear(message: Message) -> None:
        heard.append(message)

    scope: Any = {"type": "http", "method": "GET", "path": "/fr"}
    asyncio.run(recorder.beside(app)(scope, None, hear))  # type: ignore[arg-type]  # nothing is received
    return heard


@pytest.mark.parametrize(
    ("body", "content_type", "kept"),
    [
        (b"<!doctype html><html><title>A &amp; B</title>", b"text/html; charset=utf-8", 1),
        (b"<!doctype html><html>" + b"x" * PAGE_BYTES_MAX, b"text/html; charset=utf-8", 0),
        (b"<li>only a part</li>", b"text/html; charset=utf-8", 0),
        (b'{"html": "<html>"}', b"application/json", 0),
    ],
)
def test_whole_pages_of_a_bearable_length_are_kept_and_everything_passes(
    trial: Trial, tmp_path: Path, body: bytes, content_type: bytes, kept: int
) -> None:
    recorder = Recorder(tmp_path / "r.jsonl", trial.prototype)

    heard = passed(recorder, body, content_type)
    recorder.close()

    assert b"".join(message.get("body", b"") for message in heard) == body
    pages = [entry for entry in lines(tmp_path / "r.jsonl") if entry["kind"] == "page"]
    assert len(pages) == kept
    assert all(page["title"] == "A & B" for page in pages)
