"""A trace becomes a case: its opening, its steps, its end; telling it twice says the same."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.failures import BadMapping, BrokenXes, InvalidAuthority, UnreadableFile
from labkit.imports.cases import agent_ref, commands_of, founding_commands, read_log
from labkit.imports.mapping import Mapping, read_mapping
from labkit.imports.xes import Attributes, Trace, XesEvent
from ledger.domain.commands import (
    CloseCase,
    LedgerCommand,
    OpenCase,
    PublishService,
    RecordStep,
    RegisterAuthority,
)
from ledger.domain.identifiers import AgentRef, is_siren
from ledger.domain.vocabulary import AuthorityKind, Channel, ClosingReason

NINE = datetime(2024, 3, 1, 9, tzinfo=UTC)


def an_event(hour: int | None = 0, **attributes: str) -> XesEvent:
    dated: Attributes = {} if hour is None else {"time:timestamp": NINE + timedelta(hours=hour)}
    return XesEvent({"concept:name": "Receive", **dated, **attributes}, line=7)


def a_trace(*events: XesEvent, name: str = "case-1", rank: int = 0, **attributes: str | datetime) -> Trace:
    return Trace(name, {"concept:name": name, **attributes}, list(events), 5, "A log", rank)


def told(trace: Trace, mapping: Mapping | None = None) -> list[LedgerCommand]:
    return commands_of(trace, mapping or read_mapping())


def opening_of(trace: Trace, mapping: Mapping | None = None) -> OpenCase:
    opening = told(trace, mapping)[0]
    assert isinstance(opening, OpenCase)
    return opening


def steps_of(trace: Trace) -> list[RecordStep]:
    return [command for command in told(trace) if isinstance(command, RecordStep)]


def a_mapping(tmp_path: Path, text: str) -> Mapping:
    file = tmp_path / "mapping.toml"
    file.write_text(text, "utf-8")
    return read_mapping(file)


def test_the_first_event_opens_the_case_and_every_event_is_a_step() -> None:
    opening, first, second = told(a_trace(an_event(0), an_event(2, **{"concept:name": "Check"})))
    assert isinstance(opening, OpenCase)
    assert (opening.occurred_at, opening.reference) == (NINE, "case-1")
    assert isinstance(first, RecordStep)
    assert isinstance(second, RecordStep)
    assert (first.activity, second.activity) == ("Receive", "Check")


def test_an_end_date_closes_the_case_as_completed() -> None:
    closing = told(a_trace(an_event(), enddate=NINE + timedelta(days=2)))[-1]
    assert isinstance(closing, CloseCase)
    assert (closing.reason, closing.occurred_at) == (ClosingReason.COMPLETED, NINE + timedelta(days=2))


def test_the_deadline_and_the_unit_are_kept() -> None:
    opening = opening_of(a_trace(an_event(), deadline=NINE, department="Experts"))
    assert (opening.deadline, opening.unit) == (NINE, "Experts")


def test_agents_and_units_of_steps_are_kept() -> None:
    (step,) = steps_of(a_trace(an_event(**{"org:resource": "Resource21", "org:group": "Group 1"})))
    assert (step.agent, step.unit) == ("Resource21", "Group 1")


def test_events_are_told_in_the_order_of_their_times_and_ties_keep_the_order_of_the_file() -> None:
    trace = a_trace(an_event(3, **{"concept:name": "last"}), an_event(1), an_event(1, **{"concept:name": "tie"}))
    assert [step.activity for step in steps_of(trace)] == ["Receive", "tie", "last"]
    assert opening_of(trace).occurred_at == NINE + timedelta(hours=1)


def test_an_event_without_a_date_took_place_with_the_one_before_it() -> None:
    steps = steps_of(a_trace(an_event(None), an_event(1), an_event(None), an_event(4)))
    assert [(step.occurred_at - NINE) // timedelta(hours=1) for step in steps] == [1, 1, 1, 4]


def test_a_trace_whose_events_have_no_date_is_refused_with_its_line() -> None:
    with pytest.raises(BrokenXes, match=r"Line 5.*case-1") as refused:
        told(a_trace(an_event(None)))
    assert refused.value.reason == "no-event-dated"


def test_a_trace_without_events_begins_at_its_start_date() -> None:
    assert [type(command) for command in told(a_trace(startdate=NINE))] == [OpenCase]


def test_a_trace_with_neither_event_nor_start_date_is_refused() -> None:
    with pytest.raises(BrokenXes, match="nothing says when it began"):
        told(a_trace())


def test_an_event_without_an_activity_is_refused_with_its_line() -> None:
    event = an_event()
    del event.attributes["concept:name"]
    with pytest.raises(BrokenXes, match="Line 7"):
        told(a_trace(event))


def test_a_date_that_is_no_date_is_refused() -> None:
    with pytest.raises(BrokenXes, match="should be a date"):
        told(a_trace(an_event(), deadline="soon"))


@pytest.mark.parametrize(
    ("word", "channel"),
    [
        ("Internet", Channel.WEB),
        ("Desk", Channel.COUNTER),
        ("Post", Channel.POST),
        ("e-mail", Channel.EMAIL),
        ("Intern", Channel.INTERNAL),
        *((channel.value, channel) for channel in Channel),
        ("Telephone", Channel.TELEPHONE),
    ],
)
def test_the_words_of_the_log_become_channels(word: str, channel: Channel) -> None:
    assert opening_of(a_trace(an_event(), channel=word)).channel is channel


def test_a_log_that_says_no_channel_is_internal() -> None:
    assert opening_of(a_trace(an_event())).channel is Channel.INTERNAL


def test_an_unknown_channel_is_refused_naming_it_its_line_and_the_key_to_add() -> None:
    with pytest.raises(BrokenXes) as refused:
        told(a_trace(an_event(), channel="Fax"))
    for language in ("en", "fr"):
        message = refused.value.message(language)
        assert all(part in message for part in ("5", "Fax", "--mapping", "[channels]", '"Fax" = "counter"'))


def test_a_mapping_file_adds_only_what_differs(tmp_path: Path) -> None:
    mapping = a_mapping(tmp_path, '[channels]\nFax = "post"\n')
    assert opening_of(a_trace(an_event(), channel="Fax"), mapping).channel is Channel.POST
    assert opening_of(a_trace(an_event(), channel="Desk"), mapping).channel is Channel.COUNTER


def test_a_mapping_file_may_name_other_attributes(tmp_path: Path) -> None:
    mapping = a_mapping(tmp_path, '[trace]\nunit = "team"\nchannel = ""\n')
    opening = opening_of(a_trace(an_event(), team="Roads", channel="Fax"), mapping)
    assert (opening.unit, opening.channel) == ("Roads", Channel.INTERNAL)


@pytest.mark.parametrize(
    "text", ["not toml", '[channels]\nFax = "pigeon"', "[colours]\nred = 1", "title = 1", '[trace]\nend = "x"']
)
def test_a_mapping_that_cannot_be_used_says_so(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadMapping, match=r"mapping\.toml"):
        a_mapping(tmp_path, text)


def test_a_mapping_in_another_encoding_says_so(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_bytes('[authority]\nname = "Béarn"'.encode("latin-1"))
    with pytest.raises(BadMapping):
        read_mapping(tmp_path / "mapping.toml")


def test_a_missing_mapping_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        read_mapping(tmp_path / "nothing.toml")


def test_the_default_authority_is_fictional_and_valid() -> None:
    assert is_siren(read_mapping().authority.siren)
    assert read_mapping().authority.siren.startswith("2100")


def test_another_authority_takes_its_own_name_from_the_data_of_france() -> None:
    authority = read_mapping(siren="216404459").authority
    assert (authority.name, authority.kind) == ("Pau", AuthorityKind.COMMUNE)


@pytest.mark.parametrize("siren", ["216404458", "000000001"])
def test_an_authority_with_a_wrong_check_digit_is_refused(siren: str) -> None:
    with pytest.raises(InvalidAuthority, match=siren):
        read_mapping(siren=siren)


def test_telling_twice_says_the_same() -> None:
    assert told(a_trace(an_event(), enddate=NINE)) == told(a_trace(an_event(), enddate=NINE))


def test_traces_of_the_same_name_are_different_cases() -> None:
    assert opening_of(a_trace(an_event())).case_id != opening_of(a_trace(an_event(), rank=1)).case_id


def test_the_same_name_in_another_log_is_another_case() -> None:
    other = a_trace(an_event())
    other.log = "Another log"
    assert opening_of(other).case_id != opening_of(a_trace(an_event())).case_id


def test_every_command_has_its_own_identifier() -> None:
    commands = [*founding_commands(read_mapping(), NINE), *told(a_trace(an_event(), an_event(), enddate=NINE))]
    assert len({command.command_id for command in commands}) == len(commands)


def test_agents_who_differ_stay_different() -> None:
    names = ["José", "Jose", "Jos-", "M. Dupont", "M.-Dupont", "été", "x" * 80, "x" * 81, "..", "(none)"]
    assert len({agent_ref(name) for name in names}) == len(names)


@given(name=st.text(min_size=1, max_size=300))
def test_any_agent_becomes_a_staff_code(name: str) -> None:
    msgspec.convert(agent_ref(name), AgentRef)


@given(text=st.text(min_size=1, max_size=400).filter(str.strip))
def test_whatever_a_log_says_fits_the_ledger(text: str) -> None:
    event = an_event(**{"concept:name": text, "org:resource": text, "org:group": text})
    commands = told(a_trace(event, name=text, department=text))
    assert msgspec.json.decode(msgspec.json.encode(commands), type=list[LedgerCommand]) == commands


def test_the_real_log_gives_the_figures_that_were_counted(receipt_log: Path) -> None:
    commands = [command for case in read_log(receipt_log, read_mapping()) for command in case]
    kinds = Counter(type(command) for command in commands)
    channels = Counter(command.channel.value for command in commands if isinstance(command, OpenCase))
    deadlines = {command.case_id: command.deadline for command in commands if isinstance(command, OpenCase)}
    ends = {command.case_id: command.occurred_at for command in commands if isinstance(command, CloseCase)}
    late = sum(end > (deadlines[case_id] or end) for case_id, end in ends.items())
    assert kinds == {RegisterAuthority: 1, PublishService: 1, OpenCase: 1434, RecordStep: 8577, CloseCase: 1329}
    assert channels == {"web": 1250, "counter": 109, "post": 53, "email": 21, "internal": 1}
    assert [type(command) for command in commands[:3]] == [RegisterAuthority, PublishService, OpenCase]
    assert late == 377
    assert len({command.command_id for command in commands}) == len(commands)
    moments = [command.occurred_at for command in commands if isinstance(command, RecordStep)]
    assert min(moments).isoformat() == "2010-10-02T09:20:39.266000+02:00"
    assert max(moments).isoformat() == "2012-01-23T15:42:54.644000+01:00"


def test_the_real_log_is_told_in_well_under_a_second(receipt_log: Path) -> None:
    mapping = read_mapping()
    began_s = perf_counter()
    for _ in read_log(receipt_log, mapping):
        pass
    assert perf_counter() - began_s < 2.0
