from labkit.controls import cast
from labkit.controls.events import case_opened, service_published
from labkit.controls.histories import an_authority_with_a_service
from ledger.domain.case import Authority, Case, evolve, replay
from ledger.domain.vocabulary import AuthorityKind, CaseStatus, Channel


def test_a_case_is_known_as_it_was_opened() -> None:
    assert evolve(None, case_opened()) == Case(
        id=cast.CASE,
        version=1,
        authority=cast.PAU,
        service=cast.CANTEEN,
        channel=Channel.COUNTER,
        citizen=cast.CITIZEN,
        status=CaseStatus.OPEN,
        unit=cast.EDUCATION,
    )


def test_an_authority_is_known_with_its_services() -> None:
    assert replay(an_authority_with_a_service()) == Authority(
        siren=cast.PAU,
        version=2,
        name="Commune de Pau",
        kind=AuthorityKind.COMMUNE,
        services={cast.CANTEEN: service_published()},
    )


def test_no_past_leaves_no_state() -> None:
    assert replay(()) is None
