"""What follows from an event, by the law of civil status. Pure: a case and an event in, events out.

Décret 2017-890, articles 29 to 33; code du patrimoine, L213-2; code des relations entre le public et
l’administration, L114-2. Left to the desk: emancipated minors, adoptions, records of the dead.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from labkit.prototype import RequestSubmitted, ServiceCase, ServiceEvent

from {{ cookiecutter.package_name }}.events import (
    Basis,
    BirthplaceNamed,
    DeadlineSet,
    Delivery,
    DeliveryChosen,
    EntitlementAssessed,
    ExtractOffered,
    Link,
    LinkStated,
    OtherHolderNamed,
    PersonNamed,
    Record,
    RecordChosen,
)

ZONE = ZoneInfo("Europe/Paris")
ADULT_YEARS = 18
OPEN_AFTER_YEARS = 75
CENTRAL_SERVICE = "Service central d’état civil, Nantes"
DAYS_TO_ISSUE: Mapping[Delivery, int] = {"counter": 5, "post": 10}
DAYS_TO_FORWARD = 5


def follow(case: ServiceCase, event: ServiceEvent) -> Iterable[ServiceEvent]:
    """Return what follows from an event."""
    match event:
        case PersonNamed() | BirthplaceNamed():
            return [*name_other_holder(case), *assess(case)]
        case RecordChosen() | LinkStated():
            return assess(case)
        case RequestSubmitted():
            return [set_deadline(case)]
        case _:
            return ()


def name_other_holder(case: ServiceCase) -> Iterable[OtherHolderNamed]:
    """Name who holds a record that is not in this commune’s registers."""
    person, named = case.latest(PersonNamed), case.latest(BirthplaceNamed)
    if person is None or named is None or person.place == "here":
        return ()
    if person.place == "abroad":
        found = OtherHolderNamed(holder="central-service", name=CENTRAL_SERVICE)
    else:
        found = OtherHolderNamed(holder="commune", name=named.birthplace)
    return () if found == case.latest(OtherHolderNamed) else (found,)


def assess(case: ServiceCase) -> Iterable[EntitlementAssessed]:
    """Say whether the document may be given, as soon as the answers tell; again when one of them changes."""
    person, chosen, stated = case.latest(PersonNamed), case.latest(RecordChosen), case.latest(LinkStated)
    if person is None or chosen is None:
        return ()
    link = stated.link if stated else None
    basis = basis_for(chosen.record, link, born_on=person.born_on, today=today(case))
    if basis is None:
        return ()
    entitled = basis in ("anyone", "over-75-years", "link")
    found = EntitlementAssessed(entitled=entitled, basis=basis)
    return () if found == case.latest(EntitlementAssessed) else (found,)


def basis_for(record: Record, link: Link | None, *, born_on: date, today: date) -> Basis | None:
    """Return why the law gives a document, or does not; `None` while that rests on a link still unknown."""
    if record == "extract":
        return "anyone"
    if is_open(born_on, today):
        return "over-75-years"
    match link:
        case None:
            return None
        case "none":
            return "no-link"
        case "self" if years_between(born_on, today) < ADULT_YEARS:
            return "minor"
        case _:
            return "link"


def is_open(born_on: date, today: date) -> bool:
    """Tell whether a register is open to anybody: 75 years after the end of its year."""
    return today.year - born_on.year > OPEN_AFTER_YEARS


def years_between(born_on: date, today: date) -> int:
    """Return an age in whole years."""
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))


def set_deadline(case: ServiceCase) -> DeadlineSet:
    """Set the day that the commune holds itself to; a request that belongs elsewhere is sent on at once."""
    chosen = case.latest(DeliveryChosen)
    if is_elsewhere(case):
        return DeadlineSet(task="forward", due_on=today(case) + timedelta(days=DAYS_TO_FORWARD))
    days = DAYS_TO_ISSUE[chosen.delivery if chosen else "post"]
    return DeadlineSet(task="issue", due_on=today(case) + timedelta(days=days))


def is_elsewhere(case: ServiceCase) -> bool:
    """Tell whether another register holds the record."""
    person = case.latest(PersonNamed)
    return person is not None and person.place != "here"


def is_held_here(case: ServiceCase) -> bool:
    """Tell whether this commune has the record to give."""
    return case.submitted and not is_elsewhere(case)


def is_to_be_forwarded(case: ServiceCase) -> bool:
    """Tell whether the request is to be sent on."""
    return case.submitted and is_elsewhere(case)


def needs_link(case: ServiceCase) -> bool:
    """Tell whether the law asks what somebody is to the person on the record."""
    person, chosen = case.latest(PersonNamed), case.latest(RecordChosen)
    if person is None or chosen is None or chosen.record == "extract":
        return False
    return not is_open(person.born_on, today(case))


def is_not_entitled(case: ServiceCase) -> bool:
    """Tell whether only the plain extract can be offered."""
    assessed = case.latest(EntitlementAssessed)
    return assessed is not None and not assessed.entitled


def needs_parents(case: ServiceCase) -> bool:
    """Tell whether the parents are to be named."""
    assessed = case.latest(EntitlementAssessed)
    return assessed is not None and assessed.basis == "link" and needs_link(case)


def record_due(case: ServiceCase) -> Record | None:
    """Return which document may be given: the one asked for, the plain extract instead, or none."""
    chosen, offered = case.latest(RecordChosen), case.latest(ExtractOffered)
    if chosen is None or not is_not_entitled(case):
        return chosen.record if chosen else None
    return "extract" if offered is not None and offered.accepted else None


def today(case: ServiceCase) -> date:
    """Return the day of the last thing that happened, as it is in France."""
    return case.moments[-1].occurred_at.astimezone(ZONE).date()
