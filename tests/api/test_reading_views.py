from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from msgspec.structs import replace

from labkit.controls import cast, commands
from labkit.controls.cast import at
from ledger.application import CaseLedger
from ledger.domain.commands import OpenCase, RecordStep
from ledger.domain.identifiers import StepId
from ledger.domain.vocabulary import Channel
from ledger.publishing.feed import LogFeed
from ledger.publishing.published import UnreadableEvent
from projections import VIEWS, counter
from projections.engine.rebuild import rebuild
from projections.engine.runner import Runner
from projections.inbox import ChannelRow, InboxRow

Happening = Callable[..., int]
Naming = Callable[..., OpenCase]

VIEW_NAMES = [view.name for view in VIEWS]
FILTERS: dict[str, tuple[dict[str, str], set[str]]] = {
    "those open": ({"status": "open"}, {"waiting", "answered", "elsewhere"}),
    "those closed": ({"status": "closed"}, {"closed"}),
    "those that wait": ({"awaiting": "true"}, {"waiting", "elsewhere"}),
    "those that do not": ({"awaiting": "false"}, {"answered", "closed"}),
    "those of a unit": ({"unit": cast.CANTEENS}, {"elsewhere"}),
    "one by its reference": ({"reference": "answered"}, {"answered"}),
    "those of an authority": ({"authority": cast.PAU}, {"waiting", "answered", "closed", "elsewhere"}),
    "those of another": ({"authority": cast.VAL_DE_GARONNE}, set()),
    "those of a service": ({"service": cast.CANTEEN}, {"waiting", "answered", "closed", "elsewhere"}),
    "those of another service": ({"service": "etat-civil"}, set()),
    "several wishes at once": ({"status": "open", "awaiting": "false", "unit": cast.EDUCATION}, {"answered"}),
}


def pages(reading: TestClient[Litestar], path: str, **asked: object) -> Iterator[dict[str, Any]]:
    cursor: str | None = None
    for _ in range(100):
        given = {name: str(value) for name, value in {**asked, "cursor": cursor}.items() if value is not None}
        page = reading.get(path, params=given).json()
        yield page
        cursor = page["cursor"]
        if cursor is None:
            return


def a_step(name: str, case: OpenCase) -> RecordStep:
    return replace(
        commands.record_step(),
        command_id=cast.command_id(f"step {name}"),
        step_id=StepId(cast.identifier(f"step {name}")),
        case_id=case.case_id,
    )


def test_the_views_are_listed_with_how_far_they_have_come(reading: TestClient[Litestar], town: Happening) -> None:
    position = town(commands.open_case())

    listed = reading.get("/views")

    assert listed.json() == [{"name": name, "position": position, "parked": 0} for name in VIEW_NAMES]


def test_the_overview_tells_the_figures_promised(
    reading: TestClient[Litestar], town: Happening, a_case: Naming
) -> None:
    calls = [a_case(f"call {number}", channel="telephone") for number in range(3)]
    done = replace(commands.close_case(), case_id=calls[0].case_id)
    position = town(*calls, a_case("visit", deadline=at(5, "08:00")), a_step("one", calls[0]), done)

    overview = reading.get("/views/overview").json()

    figures = ("position", "cases", "interactions", "steps", "open", "closed", "late", "overdue")
    assert {name: overview[name] for name in figures} == {
        "position": position,
        "cases": 4,
        "interactions": 4,
        "steps": 1,
        "open": 3,
        "closed": 1,
        "late": 0,
        "overdue": 3,
    }
    assert [channel["channel"] for channel in overview["channels"]] == [channel.value for channel in Channel]
    telephone = next(channel for channel in overview["channels"] if channel["channel"] == "telephone")
    assert telephone == {**telephone, "cases": 3, "interactions": 3, "steps": 1, "median_hours": 0.0}
    assert [unit["unit"] for unit in overview["units"]] == [cast.EDUCATION]
    (service,) = overview["services"]
    assert (service["service"], service["name"], service["cases"]) == (
        cast.CANTEEN,
        "Inscription à la restauration scolaire",
        4,
    )


def test_every_channel_has_its_inbox_and_one_has_them_all(
    reading: TestClient[Litestar], town: Happening, a_case: Naming
) -> None:
    position = town(*(a_case(channel.value, channel=channel.value) for channel in Channel))

    for channel in Channel:
        inbox = reading.get(f"/views/{channel}").json()
        assert (inbox["position"], inbox["cursor"]) == (position, None)
        (row,) = inbox["rows"]
        assert (row["reference"], row["opened_on"], row["contacts_here"]) == (channel.value, channel.value, 1)
        assert set(ChannelRow.__struct_fields__) <= row.keys()
    everything = reading.get("/views/inbox").json()["rows"]
    assert {row["reference"] for row in everything} == {channel.value for channel in Channel}
    assert set(everything[0]) == set(InboxRow.__struct_fields__)


def test_what_is_personal_stays_sealed(reading: TestClient[Litestar], town: Happening) -> None:
    town(*commands.a_command_of_every_kind()[2:9])

    for path in ("/views/inbox", "/views/counter", "/views/timeline", f"/views/timeline?case={cast.CASE}"):
        answer = reading.get(path).text
        assert "sealed:" in answer
        assert "Lafourcade" not in answer


def test_an_inbox_is_read_to_its_end_without_gap_or_double_while_cases_come_in(
    reading: TestClient[Litestar], town: Happening, a_case: Naming
) -> None:
    began = at(1, "08:00")
    cases = [a_case(f"{number:02}", occurred_at=began + timedelta(minutes=number)) for number in range(60)]
    town(*cases[:23])

    seen, positions = [], []
    for number, page in enumerate(pages(reading, "/views/counter", limit=4)):
        seen += [row["reference"] for row in page["rows"]]
        positions.append(page["position"])
        if number < 5:
            town(*cases[23 + 3 * number : 26 + 3 * number])

    assert sorted(seen) == [f"{number:02}" for number in range(38)]
    assert positions == sorted(positions)


def test_the_ledger_is_read_to_its_end_without_gap_or_double_while_it_grows(
    reading: TestClient[Litestar], town: Happening, a_case: Naming
) -> None:
    case = a_case("long")
    town(case, *(a_step(f"before {number}", case) for number in range(16)))

    seen: list[int] = []
    for number, page in enumerate(pages(reading, "/views/timeline", limit=5)):
        seen += [entry["position"] for entry in page["rows"]]
        if number < 3:
            town(a_step(f"after {number}", case))

    assert seen == list(range(1, 24))


def test_a_page_that_is_just_full_is_followed_by_an_empty_one(reading: TestClient[Litestar], town: Happening) -> None:
    assert town() == 2

    assert [len(page["rows"]) for page in pages(reading, "/views/timeline", limit=2)] == [2, 0]


def test_a_cursor_goes_on_even_where_since_says_otherwise(reading: TestClient[Litestar], town: Happening) -> None:
    town(commands.open_case())

    entries = reading.get("/views/timeline", params={"since": "0", "cursor": "3"}).json()["rows"]

    assert [entry["position"] for entry in entries] == [4]


def test_the_timeline_goes_on_from_any_position(reading: TestClient[Litestar], town: Happening) -> None:
    position = town(commands.open_case())

    for since in range(position + 2):
        page = reading.get("/views/timeline", params={"since": since}).json()
        assert [entry["position"] for entry in page["rows"]] == list(range(since + 1, position + 1))
        assert page["position"] == position


def test_the_story_of_one_case_is_told_in_the_order_it_happened(
    reading: TestClient[Litestar], town: Happening, a_case: Naming
) -> None:
    late = replace(commands.record_phone_call(), occurred_at=at(1, "08:45"))
    town(a_case("another"), commands.open_case(), commands.assign_case(), late)

    story = [entry for page in pages(reading, "/views/timeline", case=cast.CASE, limit=1) for entry in page["rows"]]

    assert [entry["event"] for entry in story] == [
        "case-opened.v1",
        "interaction-recorded.v1",
        "interaction-recorded.v1",
        "case-assigned.v1",
    ]
    assert {entry["case_id"] for entry in story} == {str(cast.CASE)}
    assert [entry["channel"] for entry in story][:3] == ["counter", "counter", "telephone"]
    assert story[0]["data"]["authority"] == cast.PAU


def test_a_case_that_never_was_has_no_story(reading: TestClient[Litestar], town: Happening) -> None:
    town()

    page = reading.get("/views/timeline", params={"case": str(cast.CASE)}).json()

    assert page == {"position": 2, "rows": [], "cursor": None}


@pytest.mark.parametrize("wish", FILTERS)
def test_an_inbox_shows_only_what_is_asked_for(
    reading: TestClient[Litestar], town: Happening, a_case: Naming, wish: str
) -> None:
    answered, closed = a_case("answered"), a_case("closed")
    answer = replace(
        commands.record_phone_call(), case_id=answered.case_id, direction="out", command_id=cast.command_id("answer")
    )
    end = replace(commands.close_case(), case_id=closed.case_id)
    elsewhere = a_case("elsewhere", unit=cast.CANTEENS)
    town(a_case("waiting"), answered, answer, closed, end, elsewhere)

    asked, expected = FILTERS[wish]
    rows = reading.get("/views/inbox", params=asked).json()["rows"]

    assert {row["reference"] for row in rows} == expected


def test_what_a_view_could_not_digest_is_shown(reading: TestClient[Litestar], town: Happening, runner: Runner) -> None:
    position = town(commands.open_case())

    runner.fold([UnreadableEvent(position + 1, cast.CASE, "its type is not known")])

    parked = reading.get("/views/counter/parked").json()
    assert parked == {
        "position": position + 1,
        "rows": [
            {
                "subject": str(cast.CASE),
                "position": position + 1,
                "events": 1,
                "reason": f"Event {position + 1} cannot be read: its type is not known",
            }
        ],
        "cursor": None,
    }
    assert {view["parked"] for view in reading.get("/views").json()} == {1}


def test_a_view_that_is_rebuilt_goes_on_answering_the_same(
    reading: TestClient[Litestar], town: Happening, memory_ledger: CaseLedger, views: Path
) -> None:
    town(commands.open_case())
    before = reading.get("/views/counter").json()

    rebuilt = rebuild(counter.VIEW, views, LogFeed(memory_ledger).read)

    assert rebuilt.differing_tables == []
    assert reading.get("/views/counter").json() == before


def test_figures_are_numbers_and_moments_bear_their_zone(reading: TestClient[Litestar], town: Happening) -> None:
    town(commands.open_case())

    (row,) = reading.get("/views/inbox").json()["rows"]

    assert row["opened_at"] == "2026-09-01T08:30:00Z"
    assert row["interactions"] == 1
    assert isinstance(msgspec.convert(row, InboxRow), InboxRow)


def test_an_answer_says_which_position_it_reflects(reading: TestClient[Litestar], town: Happening) -> None:
    for command in (commands.open_case(), commands.assign_case(), commands.close_case()):
        position = town(command)
        # The requests filed by Open311 are read by Open311.
        names = [name for name in VIEW_NAMES if name != "open311"]
        answers: list[httpx.Response] = [reading.get(f"/views/{name}") for name in names]
        assert [answer.json()["position"] for answer in answers] == [position] * len(names)
