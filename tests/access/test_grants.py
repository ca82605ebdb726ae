"""What is granted, as subjects: exactly that, and erasures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.access.grants import ERASURES, EVENTS, Grant, matches

PAU, AGGLOMERATION = "216404459", "200067254"


@pytest.mark.parametrize(
    ("grant", "filters"),
    [
        (Grant(authority=PAU), ("ledger.216404459.>",)),
        (Grant(authority=PAU, services=("cantine",)), ("ledger.216404459.cantine.*.*",)),
        (Grant(authority=PAU, events=("case-opened",)), ("ledger.216404459.*.*.case-opened",)),
        (
            Grant(authority=PAU, services=("cantine", "etat-civil", "cantine"), events=("case-opened",)),
            ("ledger.216404459.cantine.*.case-opened", "ledger.216404459.etat-civil.*.case-opened"),
        ),
    ],
)
def test_a_grant_is_its_subjects_and_the_erasures(grant: Grant, filters: tuple[str, ...]) -> None:
    assert grant.filters() == (*filters, ERASURES)


@pytest.mark.parametrize(
    ("wanted", "subject", "holds"),
    [
        ("ledger.216404459.>", "ledger.216404459.cantine.web.case-opened", True),
        ("ledger.216404459.>", "ledger.216404459", False),
        ("ledger.216404459.>", f"ledger.{AGGLOMERATION}.cantine.web.case-opened", False),
        ("ledger.*.cantine.*.*", "ledger.216404459.cantine.web.case-opened", True),
        ("ledger.*.cantine.*.*", "ledger.216404459.cantine.web.case-opened.more", False),
        ("ledger.*.cantine.*.*", "ledger.216404459.etat-civil.web.case-opened", False),
    ],
)
def test_a_filter_holds_the_subjects_that_nats_says(wanted: str, subject: str, *, holds: bool) -> None:
    assert matches(wanted, subject) is holds


TOKENS = st.sampled_from(["cantine", "etat-civil", "web", "case-opened", "_"])


@given(
    services=st.lists(st.sampled_from(["cantine", "etat-civil"]), max_size=2),
    events=st.lists(st.sampled_from(EVENTS), max_size=2),
    subject=st.tuples(st.sampled_from([PAU, AGGLOMERATION, "_"]), TOKENS, TOKENS, st.sampled_from(EVENTS)),
)
def test_no_grant_holds_what_is_another_authority_s(
    services: list[str], events: list[str], subject: tuple[str, ...]
) -> None:
    filters = Grant(authority=PAU, services=tuple(services), events=tuple(events)).filters()
    held = [wanted for wanted in filters if matches(wanted, ".".join(("ledger", *subject)))]

    assert len(held) <= 1
    assert subject[0] == PAU or held in ([], [ERASURES])
