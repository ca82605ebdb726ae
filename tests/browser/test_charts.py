"""Pictures agree with their figures."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from ledger.domain.vocabulary import Channel
from projections.console.charts import FLOW_HEIGHT, flow_of, nice_ceiling, service_loads, unit_loads
from projections.overview import FlowPoint, ServiceFigures, UnitFigures

NOW = datetime(2026, 11, 22, 9, 41, 30, tzinfo=UTC)


def point(minute: str, channel: Channel, interactions: int) -> FlowPoint:
    return FlowPoint(minute=f"2026-11-22T{minute}", channel=channel, interactions=interactions)


def service(code: str, still_open: int, overdue: int) -> ServiceFigures:
    return ServiceFigures(
        authority="216404459", service=code, name=code, cases=90, open=still_open, closed=0, late=1, overdue=overdue
    )


def test_the_flow_stacks_channels_and_counts_everything_once() -> None:
    flow = flow_of(
        [point("09:41", Channel.WEB, 3), point("09:41", Channel.COUNTER, 2), point("08:42", Channel.WEB, 1)], NOW
    )
    assert [lane.channel for lane in flow.lanes] == [Channel.COUNTER, Channel.WEB]
    assert (flow.total, flow.most, flow.ceiling, flow.quarter_sums) == (6, 5, 6, [1, 0, 0, 5])
    counter, web = flow.lanes[0].blocks[-1], flow.lanes[1].blocks[-1]
    assert counter.y + counter.height == pytest.approx(FLOW_HEIGHT, abs=0.2)
    assert web.y + web.height == pytest.approx(counter.y - 1, abs=0.2)
    assert flow.lanes[1].blocks[0].x == 0


def test_what_is_older_than_an_hour_is_left_out() -> None:
    assert flow_of([point("08:41", Channel.WEB, 9)], NOW).total == 0


def test_an_empty_hour_still_makes_a_picture() -> None:
    flow = flow_of([], NOW)
    assert (flow.lanes, flow.total, flow.ceiling) == ([], 0, 4)


def test_a_scale_holds_its_highest_bar_and_has_a_whole_half() -> None:
    for most in (*range(1, 300), 999, 1_001, 123_456):
        ceiling = nice_ceiling(most)
        assert most <= ceiling <= max(4, most * 2)
        assert ceiling % 2 == 0


def test_bars_are_shares_of_the_longest() -> None:
    loads = service_loads([service("cantine", 40, 10), service("voirie", 20, 20), service("rien", 0, 0)])
    assert [(bar.name, bar.on_time_share, bar.overdue_share) for bar in loads.bars] == [
        ("cantine", 75.0, 25.0),
        ("voirie", 0.0, 50.0),
    ]
    assert loads.bars[0].path == "/inbox?authority=216404459&service=cantine"


def test_namesakes_say_whose_they_are() -> None:
    elsewhere = replace(service("cantine", 3, 0), authority="216403055")
    loads = service_loads([service("cantine", 4, 0), elsewhere, service("voirie", 2, 0)])
    assert [bar.authority for bar in loads.bars] == ["216404459", "216403055", None]


def test_many_units_are_cut_to_the_longest_bars() -> None:
    units = [UnitFigures(unit=f"Unité {n}", cases=n, steps=n, open=n, late=0) for n in range(12)]
    loads = unit_loads(units)
    assert (loads.bars[0].name, len(loads.bars), loads.others) == ("Unité 11", 8, 3)
