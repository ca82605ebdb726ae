"""What the law of civil status makes of a request: who may have what, from whom, and by when."""

from datetime import date, timedelta

import pytest
from labkit.prototype import ServiceCase
from labkit.prototype.trying import Trial
from ledger.domain.vocabulary import Channel

from {{ cookiecutter.package_name }}.events import (
    Basis,
    BirthplaceNamed,
    DeadlineSet,
    EntitlementAssessed,
    ExtractOffered,
    Link,
    LinkStated,
    OtherHolderNamed,
    PersonNamed,
    Place,
    Record,
    RecordChosen,
    RecordIssued,
)
from {{ cookiecutter.package_name }}.measures import (
    days_to_issue,
    needless_share,
)
from {{ cookiecutter.package_name }}.rules import (
    CENTRAL_SERVICE,
    basis_for,
    record_due,
    today,
    years_between,
)

TODAY = date(2026, 9, 14)


def person(place: Place = "here", born_on: date = date(1994, 5, 8)) -> PersonNamed:
    return PersonNamed(surname="Bordenave", given_names="Lucie", born_on=born_on, place=place)


def asked(trial: Trial, link: Link, record: Record = "full-copy") -> ServiceCase:
    case = trial.cases.record(trial.begin().id, person(), Channel.WEB)
    trial.cases.record(case.id, RecordChosen(record=record, purpose="other"), Channel.WEB)
    return trial.cases.record(case.id, LinkStated(link=link), Channel.WEB)


def pages_of(trial: Trial, case: ServiceCase) -> list[str]:
    return [page.name for page in trial.service.asked(case)]


@pytest.mark.parametrize(
    ("record", "link", "born", "basis"),
    [
        ("extract", None, 2010, "anyone"),
        ("full-copy", "self", 1994, "link"),
        ("full-copy", "spouse", 1994, "link"),
        ("extract-with-parents", "ascendant", 2010, "link"),
        ("extract-with-parents", "descendant", 1960, "link"),
        ("full-copy", "representative", 2010, "link"),
        ("full-copy", "none", 1994, "no-link"),
        ("full-copy", "self", 2010, "minor"),
        ("full-copy", None, 1950, "over-75-years"),
        ("full-copy", None, 1951, None),
    ],
)
def test_the_law_gives_a_document_to_some_and_an_extract_to_all(
    record: Record, link: Link | None, born: int, basis: Basis | None
) -> None:
    assert basis_for(record, link, born_on=date(born, 6, 1), today=TODAY) == basis


def test_an_age_changes_on_the_birthday() -> None:
    assert years_between(date(2008, 9, 15), TODAY) == 17
    assert years_between(date(2008, 9, 14), TODAY) == 18


def test_only_who_asks_for_the_parents_names_is_asked_for_a_link(trial: Trial) -> None:
    case = trial.cases.record(trial.begin().id, person(), Channel.WEB)

    extract = trial.cases.record(case.id, RecordChosen(record="extract", purpose="other"), Channel.WEB)
    assert pages_of(trial, extract) == ["person", "record", "delivery"]

    copy = trial.cases.record(case.id, RecordChosen(record="full-copy", purpose="other"), Channel.WEB)
    assert pages_of(trial, copy) == ["person", "record", "link", "delivery"]


def test_who_has_a_right_names_the_parents(trial: Trial) -> None:
    case = asked(trial, "descendant")

    assert case.latest(EntitlementAssessed) == EntitlementAssessed(entitled=True, basis="link")
    assert pages_of(trial, case) == ["person", "record", "link", "parents", "delivery"]


def test_who_has_none_is_offered_the_plain_extract(trial: Trial) -> None:
    case = asked(trial, "none")
    assert pages_of(trial, case) == ["person", "record", "link", "extract", "delivery"]
    assert record_due(case) is None

    case = trial.cases.record(case.id, ExtractOffered(accepted=True), Channel.WEB)
    assert record_due(case) == "extract"


def test_an_old_register_is_open_to_anybody(trial: Trial) -> None:
    case = trial.cases.record(trial.begin().id, person(born_on=date(1921, 11, 30)), Channel.POST)

    case = trial.cases.record(case.id, RecordChosen(record="full-copy", purpose="research"), Channel.POST)

    assert case.latest(EntitlementAssessed) == EntitlementAssessed(entitled=True, basis="over-75-years")
    assert pages_of(trial, case) == ["person", "record", "delivery"]


@pytest.mark.parametrize(
    ("place", "name"), [("elsewhere", "Montclar (Gers)"), ("abroad", "Service central d’état civil, Nantes")]
)
def test_a_record_held_elsewhere_is_named_and_the_request_sent_on(
    trial: Trial, place: Place, name: str
) -> None:
    case = trial.cases.record(trial.begin().id, person(place), Channel.WEB)
    case = trial.cases.record(case.id, BirthplaceNamed(birthplace="Montclar (Gers)"), Channel.WEB)
    case = trial.cases.submit(trial.fill(case).id, Channel.WEB)

    holder = case.latest(OtherHolderNamed)
    assert holder is not None
    assert holder.name == name
    assert (name == CENTRAL_SERVICE) == (place == "abroad")
    assert case.latest(DeadlineSet) == DeadlineSet(task="forward", due_on=today(case) + timedelta(days=5))
    assert [page.name for page in trial.service.desk if page.when(case)] == ["forward"]
    assert name in trial.browser.get(f"/fr/case/{case.id}/done").text


def test_a_document_to_be_posted_leaves_within_ten_days(trial: Trial) -> None:
    case = trial.cases.submit(trial.fill(trial.begin()).id, Channel.WEB)

    assert case.every(DeadlineSet) == (DeadlineSet(task="issue", due_on=today(case) + timedelta(days=10)),)
    assert [page.name for page in trial.service.desk if page.when(case)] == ["identity", "issue"]


def test_the_figures_tell_the_delay_and_what_was_asked_for_in_vain(trial: Trial) -> None:
    case = trial.cases.submit(trial.fill(trial.begin()).id, Channel.WEB)
    assert days_to_issue([case]) is None
    assert needless_share([case]) == 0

    issued = RecordIssued(record="full-copy", copies=1, issued_on=today(case) + timedelta(days=3))
    trial.cases.record(case.id, issued, Channel.INTERNAL)
    papers = RecordChosen(record="full-copy", purpose="identity-papers")
    case = trial.cases.record(case.id, papers, Channel.WEB)

    assert days_to_issue([case]) == 3
    assert needless_share([case]) == 1
