"""Any XES log is read; whatever is not one is refused with its line, and nothing whole is lost."""

import gzip
import tracemalloc
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labkit.failures import BrokenXes, UnreadableFile
from labkit.imports.xes import Trace, read_traces

TRACE = """<trace><string key="concept:name" value="case-1"/>
<event><string key="concept:name" value="Receive"/>
<date key="time:timestamp" value="2024-03-01T09:00:00+01:00"/></event></trace>"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log.xes"


def written(log: Path, content: str | bytes) -> Path:
    log.write_bytes(content.encode() if isinstance(content, str) else content)
    return log


def traces_of(log: Path, inside: str) -> list[Trace]:
    return list(read_traces(written(log, f"<log>{inside}</log>")))


def refusal_of(log: Path, content: str | bytes) -> BrokenXes:
    with pytest.raises(BrokenXes) as refused:
        list(read_traces(written(log, content)))
    return refused.value


def test_a_trace_has_a_name_events_and_the_line_where_it_begins(log: Path) -> None:
    (trace,) = traces_of(log, f"\n\n{TRACE}")
    assert (trace.name, trace.line, len(trace.events), trace.events[0].line) == ("case-1", 3, 1, 4)
    assert trace.events[0].attributes["concept:name"] == "Receive"


def test_every_attribute_has_its_type(log: Path) -> None:
    (trace,) = traces_of(
        log,
        """<trace><string key="concept:name" value="c"/><int key="i" value="-7"/><float key="f" value="1.5"/>
        <boolean key="yes" value="true"/><boolean key="no" value="0"/><id key="u" value="abc"/>
        <date key="d" value="2024-03-01T09:00:00.5Z"/></trace>""",
    )
    expected = {"concept:name": "c", "i": -7, "f": 1.5, "yes": True, "no": False, "u": "abc"}
    assert trace.attributes == {**expected, "d": datetime(2024, 3, 1, 9, 0, 0, 500000, tzinfo=UTC)}


def test_a_date_without_a_zone_is_utc(log: Path) -> None:
    (trace,) = traces_of(log, TRACE.replace("09:00:00+01:00", "09:00:00"))
    assert trace.events[0].attributes["time:timestamp"] == datetime(2024, 3, 1, 9, tzinfo=UTC)


def test_a_date_keeps_its_own_zone(log: Path) -> None:
    (trace,) = traces_of(log, TRACE)
    moment = trace.events[0].attributes["time:timestamp"]
    assert isinstance(moment, datetime)
    assert moment.utcoffset() == timedelta(hours=1)


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ('<log xmlns="http://www.xes-standard.org/">', "</log>"),
        ('<log xmlns="http://www.xes-standard.org">', "</log>"),
        ('<?xml version="1.0" encoding="UTF-8"?><!-- made by a tool --><log>', "</log>"),
    ],
)
def test_a_log_is_read_with_or_without_a_namespace(log: Path, opening: str, closing: str) -> None:
    assert [trace.name for trace in read_traces(written(log, opening + TRACE + closing))] == ["case-1"]


def test_a_log_may_use_a_prefix(log: Path) -> None:
    prefixed = TRACE.replace("</", "</x:").replace("<string", "<x:string").replace("<date", "<x:date")
    prefixed = prefixed.replace("<trace", "<x:trace").replace("<event", "<x:event")
    (trace,) = read_traces(written(log, f'<x:log xmlns:x="urn:xes">{prefixed}</x:log>'))
    assert trace.name == "case-1"


def test_a_log_may_be_in_another_encoding(log: Path) -> None:
    text = f'<?xml version="1.0" encoding="ISO-8859-1"?><log>{TRACE.replace("Receive", "Réception")}</log>'
    (trace,) = read_traces(written(log, text.encode("latin-1")))
    assert trace.events[0].attributes["concept:name"] == "Réception"


def test_gzip_is_known_by_its_first_bytes_whatever_the_name(log: Path) -> None:
    packed = gzip.compress(f"<log>{TRACE}</log>".encode())
    assert [trace.name for trace in read_traces(written(log, packed))] == ["case-1"]


def test_globals_are_defaults_and_their_placeholders_are_not(log: Path) -> None:
    (trace,) = traces_of(
        log,
        """<global scope="trace"><string key="department" value="Town hall"/><string key="channel" value="UNKNOWN"/>
        <date key="enddate" value="1970-01-01T00:00:00.000+01:00"/></global>
        <global scope="event"><string key="org:group" value="Desk"/></global>"""
        + TRACE,
    )
    assert trace.attributes == {"concept:name": "case-1", "department": "Town hall"}
    assert trace.events[0].attributes["org:group"] == "Desk"


def test_nested_attributes_lists_and_containers_are_passed_over(log: Path) -> None:
    (trace,) = traces_of(
        log,
        """<extension name="Concept" prefix="concept" uri="urn:c"/><classifier name="A" keys="concept:name"/>
        <trace><string key="concept:name" value="c"><string key="concept:name" value="inner"/></string>
        <list key="l"><values><string key="concept:name" value="listed"/></values></list>
        <container key="k"><string key="concept:name" value="held"/></container>
        <event><string key="concept:name" value="a"><int key="concept:name" value="3"/></string></event></trace>""",
    )
    assert trace.attributes == {"concept:name": "c"}
    assert trace.events[0].attributes == {"concept:name": "a"}


def test_traces_of_the_same_name_are_counted(log: Path) -> None:
    assert [trace.rank for trace in traces_of(log, TRACE * 3)] == [0, 1, 2]


def test_the_log_gives_its_name_to_its_traces(log: Path) -> None:
    (trace,) = traces_of(log, f'<string key="concept:name" value="Receipt"/><float key="x" value="1"/>{TRACE}')
    assert trace.log == "Receipt"


BILLION_LAUGHS = '<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><log>&b;</log>'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty-file"),
        ("<log/>", "empty-log"),
        ("<log><trace/></log>", "trace-without-name"),
        ("   just some text", "not-xml"),
        (bytes(range(256)) * 20, "not-xml"),
        ("%PDF-1.7 something", "not-xml"),
        ('{"cases": []}', "not-xml"),
        ("<html><body/></html>", "not-a-log"),
        ("<string/>", "not-a-log"),
        (f"<log>{TRACE}", "truncated"),
        (f"<log>{TRACE}<trace><string key=", "truncated"),
        (f"<log>{TRACE}</trace></log>", "not-xml"),
        (BILLION_LAUGHS, "doctype"),
        ('<!DOCTYPE log SYSTEM "file:///etc/passwd"><log/>', "doctype"),
        ("<log>&nbsp;</log>", "not-xml"),
        ('<?xml version="1.0" encoding="klingon"?><log/>', "not-xml"),
        ('<?xml version="1.0" encoding="shift_jis"?><log/>', "not-xml"),
        ('<log><trace><string key="concept:name"/></trace></log>', "attribute-without-value"),
        ('<log><trace><string value="x"/></trace></log>', "attribute-without-value"),
        ('<log><trace><date key="d" value="yesterday"/></trace></log>', "bad-value"),
        ('<log><trace><date key="d" value="0001-01-01T00:00:00+14:00"/></trace></log>', "bad-value"),
        ('<log><trace><date key="d" value="2024-02-30T00:00:00Z"/></trace></log>', "bad-value"),
        ('<log><trace><int key="i" value="many"/></trace></log>', "bad-value"),
        (f'<log><trace><int key="i" value="{"9" * 5000}"/></trace></log>', "bad-value"),
        ('<log><trace><boolean key="b" value="perhaps"/></trace></log>', "bad-value"),
        ("<log>" + "<a>" * 500, "too-deep"),
        ("<log>" + '<string key="a" value="b">' * 500, "too-deep"),
    ],
)
def test_what_is_no_log_is_refused_for_its_own_reason(log: Path, content: str | bytes, reason: str) -> None:
    refusal = refusal_of(log, content)
    assert refusal.reason == reason
    assert refusal.message("en").startswith("Line ")
    assert refusal.message("fr").startswith("Ligne ")


def test_a_gzip_that_was_cut_off_is_refused(log: Path) -> None:
    packed = gzip.compress(f"<log>{TRACE * 500}</log>".encode())
    assert refusal_of(log, packed[:-20]).reason == "truncated-gzip"


def test_a_gzip_that_was_damaged_is_refused(log: Path) -> None:
    packed = bytearray(gzip.compress(f"<log>{TRACE}</log>".encode()))
    packed[-6] ^= 0xFF
    assert refusal_of(log, bytes(packed)).reason == "damaged-gzip"


@pytest.mark.parametrize(
    ("beginning", "filling", "reason"),
    [
        ('<log><trace><string key="concept:name" value="', "x" * 1024, "endless-token"),
        ("<log><!--", "x" * 1024, "endless-token"),
        (f"<log>{TRACE.removesuffix('</trace>')}", "<event/>" + " " * 9000, "endless-trace"),
    ],
)
def test_what_never_ends_is_refused_before_it_fills_the_memory(
    log: Path, beginning: str, filling: str, reason: str
) -> None:
    with gzip.open(log, "wb", compresslevel=1) as file:
        file.write(beginning.encode())
        for _ in range(2000):
            file.write(filling.encode())
    assert refusal_of(log, log.read_bytes()).reason == reason


def test_what_was_whole_comes_before_the_refusal(log: Path) -> None:
    traces = read_traces(written(log, f"<log>{TRACE * 3}<trace><int key='i' value='?'/></trace></log>"))
    assert [next(traces).rank for _ in range(3)] == [0, 1, 2]
    with pytest.raises(BrokenXes, match="Line 7"):
        next(traces)


def test_what_was_whole_comes_before_a_cut_in_a_gzip(log: Path) -> None:
    packed = gzip.compress(f"<log>{TRACE * 3000}</log>".encode())
    traces = read_traces(written(log, packed[: len(packed) // 2]))
    assert [next(traces).rank for _ in range(100)] == list(range(100))
    with pytest.raises(BrokenXes, match="cut off"):
        list(traces)


def test_a_missing_file_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        list(read_traces(tmp_path / "nothing.xes"))


def test_a_folder_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        list(read_traces(tmp_path))


def test_memory_does_not_grow_with_the_log(log: Path) -> None:
    def peak_bytes(traces: int) -> int:
        written(log, "<log>" + TRACE.replace("case-1", "same") * traces + "</log>")
        tracemalloc.start()
        for _ in read_traces(log):
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert peak_bytes(8000) < 1.5 * peak_bytes(800)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(max_size=400))
def test_no_junk_ever_escapes_as_another_error(log: Path, junk: bytes) -> None:
    for content in (junk, b"<log>" + junk + b"</log>", b"\x1f\x8b" + junk):
        refusal_of(log, content)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(min_value=0, max_value=len(f"<log>{TRACE}</log>") - 1))
def test_a_log_may_be_cut_anywhere(log: Path, cut: int) -> None:
    assert refusal_of(log, f"<log>{TRACE}</log>"[:cut]).reason in {"empty-file", "truncated", "not-xml"}


def test_the_real_log_is_read_whole(receipt_log: Path) -> None:
    traces = list(read_traces(receipt_log))
    events = [event for trace in traces for event in trace.events]
    assert (len(traces), len(events)) == (1434, 8577)
    assert len({event.attributes["concept:name"] for event in events}) == 27
    assert len({event.attributes["org:resource"] for event in events}) == 48
    assert len({event.attributes["org:group"] for event in events}) == 10
    departments = Counter(trace.attributes["department"] for trace in traces)
    assert departments == {"General": 1390, "Customer contact": 29, "Experts": 15}
    variants = Counter(tuple(event.attributes["concept:name"] for event in trace.events) for trace in traces)
    assert (len(variants), variants.most_common(1)[0][1]) == (116, 713)
