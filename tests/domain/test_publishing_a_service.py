from msgspec.structs import replace

from labkit.controls import cast
from labkit.controls.commands import publish_service
from labkit.controls.events import service_published
from labkit.controls.histories import an_authority, an_authority_with_a_service
from labkit.specification import given
from ledger.domain.errors import UnknownAuthority


def test_a_registered_authority_publishes_a_service() -> None:
    given(*an_authority()).when(publish_service()).then(service_published())


def test_the_same_publication_again_changes_nothing() -> None:
    given(*an_authority_with_a_service()).when(publish_service()).then_nothing()


def test_a_service_is_published_anew_under_another_name() -> None:
    renamed = replace(publish_service(), name="Cantine")
    given(*an_authority_with_a_service()).when(renamed).then(replace(service_published(), version=3, name="Cantine"))


def test_a_service_is_published_anew_with_another_delay() -> None:
    faster = replace(publish_service(), answer_days=15)
    given(*an_authority_with_a_service()).when(faster).then(replace(service_published(), version=3, answer_days=15))


def test_an_authority_publishes_several_services() -> None:
    library = replace(publish_service(), service="bibliotheque", name="Carte de bibliothèque")
    given(*an_authority_with_a_service()).when(library).then(
        replace(service_published(), version=3, service="bibliotheque", name="Carte de bibliothèque")
    )


def test_an_unknown_authority_publishes_nothing() -> None:
    given().when(publish_service()).then_refused(UnknownAuthority, authority=cast.PAU)
