"""Decisions about those whom cases are about: authorities, their services, and the citizens to forget."""

from ledger.domain.case import Authority, State
from ledger.domain.citizen import Citizen
from ledger.domain.commands import ForgetCitizen, PublishService, RegisterAuthority
from ledger.domain.errors import AuthorityAlreadyRegistered, InvalidSiren, UnknownAuthority, UnknownCitizen
from ledger.domain.events import AuthorityRegistered, CitizenForgotten, ServicePublished, Stamp
from ledger.domain.guards import Events
from ledger.domain.identifiers import is_siren


def register_authority(authority: State, command: RegisterAuthority, stamp: Stamp) -> Events:
    """Register an authority once; the same registration again changes nothing."""
    if not is_siren(command.authority):
        raise InvalidSiren(authority=command.authority)
    if isinstance(authority, Authority):
        if (authority.name, authority.kind) == (command.name, command.kind):
            return ()
        raise AuthorityAlreadyRegistered(authority=command.authority, name=authority.name)
    return (
        AuthorityRegistered(
            authority=command.authority,
            version=1,
            occurred_at=command.occurred_at,
            stamp=stamp,
            name=command.name,
            kind=command.kind,
            parent=command.parent,
        ),
    )


def publish_service(authority: State, command: PublishService, stamp: Stamp) -> Events:
    """Offer a service, or amend how it is offered."""
    if not isinstance(authority, Authority):
        raise UnknownAuthority(authority=command.authority)
    known = authority.services.get(command.service)
    if known and (known.name, known.answer_days) == (command.name, command.answer_days):
        return ()
    return (
        ServicePublished(
            authority=command.authority,
            version=authority.version + 1,
            occurred_at=command.occurred_at,
            stamp=stamp,
            service=command.service,
            name=command.name,
            answer_days=command.answer_days,
        ),
    )


def forget_citizen(citizen: State, command: ForgetCitizen, stamp: Stamp) -> Events:
    """Raise the fence: from here on nothing personal of this citizen can be read or recorded."""
    if not isinstance(citizen, Citizen) or not citizen.known:
        raise UnknownCitizen(citizen=str(command.citizen))
    if citizen.forgotten:
        return ()
    return (
        CitizenForgotten(
            citizen=command.citizen,
            version=citizen.version + 1,
            occurred_at=command.occurred_at,
            stamp=stamp,
            legal_basis=command.legal_basis,
        ),
    )
