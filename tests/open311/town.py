"""An Open311 server over a real ledger in memory and real view files, and what happens to its requests."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4
from xml.etree.ElementTree import Element, fromstring

import httpx
from litestar import Litestar
from litestar.testing import TestClient
from msgspec.structs import replace

from labkit.controls import cast
from labkit.open311.desk import Desk
from labkit.open311.keys import add_key
from labkit.open311.routes import open311_routes, with_open311
from ledger.api.app import check_host
from ledger.api.problems import PROBLEM_HANDLERS
from ledger.application import CaseLedger
from ledger.domain.commands import CaseCommand, LedgerCommand, PublishService, RegisterAuthority
from ledger.domain.events import Stamp
from ledger.domain.identifiers import CommandId
from ledger.domain.vocabulary import AuthorityKind
from ledger.publishing.feed import LogFeed
from ledger.settings import Settings
from projections import open311
from projections.engine.runner import Runner
from projections.watch import Watch

DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n<'
HERE = "http://127.0.0.1:8420"
ROADS = "voirie"
Happening = TypeVar("Happening", bound=CaseCommand)
PLACE = {"lat": "43.295123", "long": "-0.370797"}


class Town:
    """A ledger, its Open311 server, and a partner with a key."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.ledger = CaseLedger(Settings(data=data), in_memory=True)
        self.runner = Runner([open311.VIEW], data / "views")
        self.desk = Desk(self.ledger, Watch(), data)
        self._position = 0
        app = Litestar(
            [open311_routes(self.desk)],
            exception_handlers=with_open311(PROBLEM_HANDLERS),
            before_request=check_host,
            openapi_config=None,
            logging_config=None,
        )
        self.http = TestClient(app, base_url=HERE, raise_server_exceptions=False)
        self.key = self.key_of("pau-app")

    def key_of(self, partner: str) -> str:
        return add_key(self.data, partner, datetime.now(UTC))[1]

    def offers(self, authority: str, **services: str) -> None:
        registered = RegisterAuthority(
            **asked(), authority=authority, name=f"Ville {authority}", kind=AuthorityKind.COMMUNE
        )
        published = [
            PublishService(**asked(), authority=authority, service=code, name=name) for code, name in services.items()
        ]
        self.does(registered, *published)

    def does(self, *happening: LedgerCommand) -> None:
        for command in happening:
            stamp = Stamp(by=cast.AGENT, recorded_at=datetime.now(UTC))
            assert self.ledger.execute(command, stamp).verdict.refusal is None
        self.fold()

    def fold(self) -> None:
        while page := LogFeed(self.ledger).read(self._position, 1_000):
            self._position = self.runner.fold(page)

    def says(self, **settings: str) -> None:
        """Write `open311.toml`, its lines given by name."""
        (self.data / "open311.toml").write_text("\n".join(settings.values()), "utf-8")

    def files(self, notation: str = "json", *, headers: dict[str, str] | None = None, **fields: Any) -> httpx.Response:
        form = {"api_key": self.key, "service_code": ROADS, **PLACE, **fields}
        told = {name: value for name, value in form.items() if value is not None}
        answer = self.http.post(f"/open311/v2/requests.{notation}", data=told, headers=headers)
        self.fold()
        return answer

    def filed(self, **fields: Any) -> UUID:
        (request,) = self.files(**fields).json()
        return UUID(request["service_request_id"])

    def get(self, path: str, *, key: str | None = None, language: str = "en", **query: Any) -> httpx.Response:
        headers = {"Accept-Language": language, **({"Api-Key": key} if key else {})}
        return self.http.get(f"/open311/v2/{path}", params=query, headers=headers)

    def requests(self, **query: Any) -> list[UUID]:
        answer = self.get("requests.json", **query)
        assert answer.status_code == 200, answer.text
        return [UUID(request["service_request_id"]) for request in answer.json()]

    def close(self) -> None:
        self.desk.close()
        self.runner.close()
        self.ledger.close()


def asked() -> dict[str, Any]:
    """What every command holds."""
    return {"command_id": CommandId(uuid4()), "occurred_at": datetime.now(UTC)}


def to_case(command: Happening, case_id: UUID | str, **changes: Any) -> Happening:
    """Let a sample happen to a case, now."""
    return replace(command, **asked(), case_id=UUID(str(case_id)), **changes)


def tree(answer: httpx.Response) -> Element:
    """Read an answer in XML, as the standard wants it."""
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert answer.content.startswith(DECLARATION)
    return parsed(answer.content)


def parsed(document: bytes) -> Element:
    return fromstring(document)  # noqa: S314  # our own document
