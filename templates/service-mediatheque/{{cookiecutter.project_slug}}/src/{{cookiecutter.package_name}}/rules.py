"""What follows from an event, by the tariff of the library. Pure: a case and an event in, events out."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from labkit.prototype import RequestSubmitted, ServiceCase, ServiceEvent

from {{ cookiecutter.package_name }}.events import (
    CardIssued,
    Ground,
    GuardianAgreed,
    HomeGiven,
    HouseholdCounted,
    HouseholdDescribed,
    MembershipExtended,
    MembershipRenewed,
    ReaderIntroduced,
    Residence,
    SituationGiven,
    TariffSet,
)
from {{ cookiecutter.package_name }}.household import (
    count,
    years_between,
)

ZONE = ZoneInfo("Europe/Paris")
OF_AGE_YEARS = 18
FREE_BELOW_YEARS = 26
YEAR_CENTS: Mapping[Residence, int] = {"commune": 0, "agglomeration": 1000, "elsewhere": 2500}
PAYING_MAX = 2
VALID_DAYS = 365


def follow(case: ServiceCase, event: ServiceEvent) -> Iterable[ServiceEvent]:
    """Return what follows from an event."""
    match event:
        case HouseholdDescribed():
            return count_household(case, event)
        case HouseholdCounted() | SituationGiven() | HomeGiven() | ReaderIntroduced() | RequestSubmitted():
            return set_tariff(case)
        case CardIssued():
            return [MembershipExtended(valid_until=event.issued_on + timedelta(days=VALID_DAYS))]
        case MembershipRenewed():
            return extend(case, event)
        case _:
            return ()


def count_household(case: ServiceCase, described: HouseholdDescribed) -> Iterable[HouseholdCounted]:
    """Count those who want a card too; nothing follows if it is as many as before."""
    counted = count(described.members or "", today=today(case), young_below=FREE_BELOW_YEARS)
    return () if counted == case.latest(HouseholdCounted) else (counted,)


def set_tariff(case: ServiceCase) -> Iterable[TariffSet]:
    """Set the tariff once reader, home and household are known, again when one of them changes."""
    reader, home = case.latest(ReaderIntroduced), case.latest(HomeGiven)
    counted = case.latest(HouseholdCounted)
    if reader is None or home is None or counted is None:
        return ()
    ground = ground_of(case, reader=reader, residence=home.residence)
    paying = min(counted.adults + (ground == "full"), PAYING_MAX)
    found = TariffSet(amount=paying * YEAR_CENTS[home.residence], ground=ground)
    return () if found == case.latest(TariffSet) else (found,)


def ground_of(case: ServiceCase, *, reader: ReaderIntroduced, residence: Residence) -> Ground:
    """Return why the reader pays, or does not."""
    if YEAR_CENTS[residence] == 0:
        return "resident"
    if years_between(reader.born_on, today(case)) < FREE_BELOW_YEARS:
        return "under-26"
    given = case.latest(SituationGiven)
    return "situation" if given is not None and given.situation != "none" else "full"


def extend(case: ServiceCase, renewed: MembershipRenewed) -> Iterable[MembershipExtended]:
    """Add a year to a card; somebody who moved is asked for the new address before anything follows."""
    before = case.latest(MembershipExtended)
    if before is None or not renewed.same_home:
        return ()
    first = max(before.valid_until, renewed.renewed_on)
    return [MembershipExtended(valid_until=first + timedelta(days=VALID_DAYS))]


def is_minor(case: ServiceCase) -> bool:
    """Tell whether a parent or guardian has to agree."""
    reader = case.latest(ReaderIntroduced)
    return reader is not None and years_between(reader.born_on, today(case)) < OF_AGE_YEARS


def may_pay(case: ServiceCase) -> bool:
    """Tell whether the situation matters: nobody is asked about it who pays nothing anyway."""
    reader, home = case.latest(ReaderIntroduced), case.latest(HomeGiven)
    if reader is None or home is None:
        return False
    return ground_of(case, reader=reader, residence=home.residence) in ("situation", "full")


def awaits_card(case: ServiceCase) -> bool:
    """Tell whether a card may be given: a minor’s only with the agreement of a parent or guardian."""
    agreement = case.latest(GuardianAgreed)
    agreed = not is_minor(case) or (agreement is not None and agreement.agreed)
    return case.submitted and agreed and case.latest(CardIssued) is None


def has_card(case: ServiceCase) -> bool:
    """Tell whether there is a card to renew."""
    return case.latest(CardIssued) is not None


def today(case: ServiceCase) -> date:
    """Return the day of the last thing that happened, as it is in France."""
    return case.moments[-1].occurred_at.astimezone(ZONE).date()
