"""Citizens of whom everything personal is told that can be told, each text recognisable among all others."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple

from msgspec.structs import replace

from labkit.controls import cast, commands
from ledger.domain.commands import LedgerCommand
from ledger.domain.identifiers import CaseId, CitizenRef, CommandId, InteractionId, RequestId

FIELDS = (
    "titre",
    "résumé",
    "coordonnées",
    "appel",
    "téléphone",
    "rectification",
    "motif de rectification",
    "coordonnées rectifiées",
    "pièces demandées",
    "pièces reçues",
    "pièce versée",
    "réorientation",
    "motifs",
    "réouverture",
    "événement de la démarche",
)
CORRECTED = ("appel", "téléphone")
REFERENCE = "RS-2026-0417"


class Person(NamedTuple):
    """A citizen, their case, and what was written about them."""

    name: str

    @property
    def citizen(self) -> CitizenRef:
        return CitizenRef(cast.identifier(self.name))

    @property
    def case(self) -> CaseId:
        return CaseId(cast.identifier(f"case of {self.name}"))

    @property
    def texts(self) -> dict[str, str]:
        return {field: f"{field} de {self.name}, n° {mark(self.name, field)}" for field in FIELDS}

    @property
    def fragments(self) -> list[bytes]:
        """The texts in UTF-8, and of each the part that reads the same in any encoding."""
        marks = [mark(self.name, field) for field in FIELDS]
        return [text.encode() for text in (*self.texts.values(), *marks, self.name)]

    def identifier(self, name: str) -> Any:
        return cast.identifier(f"{name} of {self.name}")


def told(person: Person) -> list[LedgerCommand]:
    """The commands that say all there is to say about a person."""
    texts = person.texts
    interaction = InteractionId(person.identifier("call"))
    request = RequestId(person.identifier("request"))
    said: list[LedgerCommand] = [
        replace(
            commands.open_case(),
            interaction_id=InteractionId(person.identifier("visit")),
            citizen=person.citizen,
            reference=f"{REFERENCE}-{mark(person.name, 'reference')[:4]}",
            title=texts["titre"],
            summary=texts["résumé"],
            contact=texts["coordonnées"],
        ),
        replace(
            commands.record_phone_call(),
            interaction_id=interaction,
            summary=texts["appel"],
            contact=texts["téléphone"],
        ),
        replace(
            commands.correct_interaction(),
            interaction_id=interaction,
            reason=texts["motif de rectification"],
            summary=texts["rectification"],
            contact=texts["coordonnées rectifiées"],
        ),
        replace(commands.request_documents(), request_id=request, summary=texts["pièces demandées"]),
        replace(
            commands.receive_documents(),
            request_id=request,
            interaction_id=InteractionId(person.identifier("reply")),
            summary=texts["pièces reçues"],
        ),
        replace(commands.attach_document(), title=texts["pièce versée"]),
        replace(commands.hand_over_case(), reason=texts["réorientation"]),
        replace(commands.decide_case(), grounds=texts["motifs"]),
        commands.close_case(),
        replace(commands.reopen_case(), reason=texts["réouverture"]),
        replace(
            commands.record_service_event(),
            content=json.dumps({"remark": texts["événement de la démarche"]}, ensure_ascii=False),
        ),
    ]
    now = datetime.now(UTC)
    return [
        replace(
            command,
            command_id=CommandId(person.identifier(f"command {rank}")),
            case_id=person.case,
            occurred_at=now,
        )
        for rank, command in enumerate(said)
    ]


def shown(person: Person) -> list[str]:
    """The texts that the page of a case shows: all but those that were corrected."""
    return [text for field, text in person.texts.items() if field not in CORRECTED]


def mark(name: str, field: str) -> str:
    return sha256(f"{name}/{field}".encode()).hexdigest()[:20]


FORGOTTEN, REMEMBERED = Person("Zoé Brûlé-Çelik"), Person("Anaïs Œuvrard")
