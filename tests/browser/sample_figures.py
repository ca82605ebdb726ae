"""Figures in keeping with a town of the sample’s size."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sample_place import NAMES, PAU, REGION

from ledger.domain.vocabulary import Channel
from projections.overview import ChannelFigures, FlowPoint, Overview, ServiceFigures, UnitFigures


def overview_of(position: int, now: datetime, extra: int) -> Overview:
    channels = [
        ChannelFigures(
            channel=channel,
            cases=cases,
            interactions=interactions,
            steps=steps,
            median_hours=median,
            ninth_decile_hours=decile,
        )
        for channel, cases, interactions, steps, median, decile in (
            (Channel.COUNTER, 1_284, 2_310, 1_902, 6.4, 58.0),
            (Channel.TELEPHONE, 1_102, 3_408, 1_215, 9.1, 71.5),
            (Channel.WEB, 2_640, 2_911, 4_070, 20.0, 122.0),
            (Channel.MOBILE, 418, 530, 602, 26.2, 140.0),
            (Channel.EMAIL, 905, 2_744, 1_380, 31.0, 196.0),
            (Channel.POST, 377, 640, 702, 74.0, 310.0),
            (Channel.SOCIAL, 96, 254, 118, 5.2, 40.0),
            (Channel.CHATBOT, 142, 688, 160, 1.3, 22.0),
            (Channel.PARTNER, 188, 263, 341, 44.0, 205.0),
            (Channel.INTERNAL, 64, 0, 2_204, None, None),
        )
    ]
    services = [
        ServiceFigures(
            authority=key[:9],
            service=key[10:],
            name=NAMES[key],
            cases=cases,
            open=still_open,
            closed=cases - still_open,
            late=late,
            overdue=overdue,
        )
        for key, cases, still_open, late, overdue in (
            (f"{PAU}/cantine-scolaire", 1_890, 214, 12, 9),
            (f"{PAU}/acte-naissance", 1_705, 96, 3, 2),
            (f"{PAU}/signalement-voirie", 1_312, 187, 41, 38),
            (f"{PAU}/mediatheque", 820, 41, 0, 0),
            (f"{PAU}/aide-domicile", 344, 122, 17, 14),
            (f"{PAU}/stationnement", 611, 73, 6, 5),
            (f"{REGION}/dechets", 402, 88, 22, 19),
            (f"{REGION}/eau", 132, 29, 2, 0),
        )
    ]
    units = [
        UnitFigures(unit=unit, cases=cases, steps=steps, open=still_open, late=late)
        for unit, cases, steps, still_open, late in (
            ("Régie scolaire", 1_890, 3_920, 214, 12),
            ("État civil", 1_705, 2_410, 96, 3),
            ("Voirie", 980, 2_104, 141, 33),
            ("CCAS", 344, 1_377, 122, 17),
            ("Collecte", 402, 611, 88, 22),
            ("Stationnement", 611, 902, 73, 6),
            ("Éclairage public", 332, 508, 46, 8),
        )
    ]
    return Overview(
        position=position,
        cases=7_216,
        interactions=13_748 + extra,
        steps=12_694,
        open=850,
        closed=6_366,
        late=103,
        overdue=87,
        median_hours=17.5,
        ninth_decile_hours=128.0,
        channels=channels,
        services=services,
        units=units,
        flow=list(_flow(now)),
    )


def _flow(now: datetime) -> Iterator[FlowPoint]:
    pace = {Channel.COUNTER: 5, Channel.TELEPHONE: 7, Channel.WEB: 6, Channel.MOBILE: 2, Channel.EMAIL: 4}
    pace |= {Channel.POST: 2, Channel.SOCIAL: 1, Channel.CHATBOT: 3, Channel.PARTNER: 1, Channel.INTERNAL: 1}
    for minute in range(60):
        written = (now - timedelta(minutes=59 - minute)).strftime("%Y-%m-%dT%H:%M")
        for rank, (channel, most) in enumerate(pace.items()):
            swing = (minute * 7 + rank * 11 + minute * minute * (rank + 3)) % 17
            interactions = round(most * swing / 16 * (0.55 + 0.45 * ((minute % 23) / 22)))
            if interactions:
                yield FlowPoint(minute=written, channel=channel, interactions=interactions)


def nothing() -> Overview:
    channels = [
        ChannelFigures(channel=channel, cases=0, interactions=0, steps=0, median_hours=None, ninth_decile_hours=None)
        for channel in Channel
    ]
    return Overview(
        position=0,
        cases=0,
        interactions=0,
        steps=0,
        open=0,
        closed=0,
        late=0,
        overdue=0,
        median_hours=None,
        ninth_decile_hours=None,
        channels=channels,
        services=[],
        units=[],
        flow=[],
    )
