"""From a filled form to a trial made ready: which case, up to where, for whom. The code of the link as a drawing."""

from collections.abc import Mapping

import msgspec
import segno
from msgspec import Struct

from labkit.prototype.cases import Cases
from labkit.prototype.failures import UnknownCase
from labkit.prototype.forking import fork
from labkit.prototype.kit_events import TrialPrepared
from labkit.prototype.lab.again import answered_until, answers_from
from labkit.prototype.lab.frame import number_of
from labkit.prototype.project import Persona
from labkit.prototype.questions import Form
from labkit.prototype.serving import one
from labkit.prototype.story import ServiceCase
from labkit.prototype.trials import CHECK, Trial, prepare
from ledger.domain.vocabulary import Channel

FORK = "fork"


class Invitation(Struct, frozen=True, kw_only=True):
    """What a maker asks for."""

    prepared: TrialPrepared
    origin: ServiceCase | None
    version: int


class Unusable(Exception):
    """A field of the form that cannot be used."""

    def __init__(self, name: str) -> None:
        """Name the field."""
        super().__init__(name)
        self.name = name


def read_invitation(form: Form, cases: Cases, personas: Mapping[str, Persona]) -> Invitation:
    """Return what a form asks for.

    Raises:
        Unusable: the code could be a name, or no case has the reference.
    """
    page, persona, channel = one(form, "page"), one(form, "persona"), one(form, "channel")
    pages = (*(page.name for page in cases.service.pages), CHECK)
    asked = {
        "event": TrialPrepared.__struct_config__.tag,
        "label": one(form, "label"),
        "persona": persona if persona in personas else None,
        "channel": channel if channel in {known.value for known in Channel} else Channel.WEB.value,
        "page": page if page in pages else None,
    }
    try:
        prepared = msgspec.convert(asked, TrialPrepared)
    except msgspec.ValidationError as error:
        raise Unusable("label") from error
    origin = _origin(form, cases)
    version = number_of(one(form, "version"), least=1, most=origin.version) if origin else 0
    return Invitation(prepared=prepared, origin=origin, version=version)


def invite(cases: Cases, invitation: Invitation, persona: Persona | None) -> Trial:
    """Make the case ready: a copy of another, or a new one answered up to the first page."""
    prepared = invitation.prepared
    if invitation.origin is not None:
        case = fork(cases, invitation.origin, invitation.version)
    else:
        first = prepared.page or cases.service.pages[0].name
        case = answered_until(cases, first, answers_from(persona), Channel(prepared.channel))
    return prepare(cases, case.id, prepared)


def qr_code(url: str) -> str:
    """Return the address as a code that telephones read, inline: nothing is asked of another host."""
    return segno.make(url, error="m").svg_data_uri(scale=6, border=4, light="#ffffff")


def _origin(form: Form, cases: Cases) -> ServiceCase | None:
    if one(form, "origin") != FORK:
        return None
    try:
        return cases.find(one(form, "reference"))
    except UnknownCase as error:
        raise Unusable("reference") from error
