from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import httpx
import pytest

from labkit.controls import cast
from labkit.site import Site, create_site
from ledger.application import CaseLedger
from ledger.publishing.announcer import Announcer
from ledger.settings import Settings
from projections import VIEWS
from projections.api import create_app, read_routes
from projections.keys import to_cursor
from projections.reader import ViewReader
from projections.wording import FORMS

PERSONAL = "Mme Lafourcade"
POSITION = "un rang, 0 ou plus"
HUGE = "9" * 30

ASKED: dict[str, tuple[int, str, str]] = {
    "/views/inbox?limit=abc": (400, "bad-parameter", "limit n’a pas la forme demandée : un nombre entier de 1 à 200."),
    "/views/inbox?limit=0": (400, "bad-parameter", "limit"),
    "/views/inbox?limit=201": (400, "bad-parameter", "limit"),
    "/views/inbox?limit=": (400, "bad-parameter", "limit"),
    "/views/inbox?limit=١": (400, "bad-parameter", "limit"),
    f"/views/inbox?status={PERSONAL}": (400, "bad-parameter", "status n’a pas la forme demandée : open ou closed."),
    "/views/inbox?limit=5.0": (400, "bad-parameter", "limit"),
    "/views/inbox?limit=1e1": (400, "bad-parameter", "limit"),
    "/views/inbox?awaiting=1": (400, "bad-parameter", "true ou false"),
    "/views/inbox?status=null": (400, "bad-parameter", "status"),
    "/views/timeline?case=null": (400, "bad-parameter", "case"),
    "/events?since=null": (400, "bad-parameter", POSITION),
    "/views/inbox?awaiting=perhaps": (400, "bad-parameter", "true ou false"),
    "/views/inbox?at_least=-1": (400, "bad-parameter", f"at_least n’a pas la forme demandée : {POSITION}."),
    f"/views/overview?at_least={HUGE}": (400, "bad-parameter", POSITION),
    f"/views/timeline?case={PERSONAL}": (400, "bad-parameter", "case n’a pas la forme demandée : l’UUID d’un dossier."),
    "/views/timeline?since=-1": (400, "bad-parameter", POSITION),
    f"/views/timeline?since={HUGE}": (400, "bad-parameter", POSITION),
    f"/events?since={PERSONAL}": (400, "bad-parameter", POSITION),
    f"/views/inbox?{PERSONAL}=1": (400, "unknown-parameter", "limit, cursor, status, awaiting, authority, service, "),
    "/views/overview?limit=1": (400, "unknown-parameter", "at_least"),
    "/views?limit=1": (400, "unknown-parameter", "–"),
    "/views/counter/parked?limit=1": (400, "unknown-parameter", "–"),
    "/events?from=1": (400, "unknown-parameter", "since"),
    f"/views/inbox?cursor={PERSONAL}": (400, "bad-cursor", "Ce curseur n’en est pas un"),
    "/views/inbox?cursor=é": (400, "bad-cursor", "Ce curseur"),
    "/views/inbox?cursor=": (400, "bad-cursor", "Ce curseur"),
    f"/views/timeline?case={cast.CASE}&cursor=x": (400, "bad-cursor", "Ce curseur"),
    f"/views/timeline?cursor={HUGE}": (400, "bad-cursor", "Ce curseur"),
    "/views/timeline?cursor=٣": (400, "bad-cursor", "Ce curseur"),
    f"/views/timeline?cursor={to_cursor(1, 1)}": (400, "bad-cursor", "Ce curseur"),
    f"/views/{PERSONAL}": (404, "unknown-view", ", ".join(view.name for view in VIEWS)),
    f"/views/{PERSONAL}/parked": (404, "unknown-view", "inbox, counter"),
}


@pytest.fixture(params=["alone", "in the site"])
def client(
    request: pytest.FixtureRequest, memory_ledger: CaseLedger, settings: Settings
) -> Iterator[httpx.AsyncClient]:
    """The read side on its own, and as a part of the whole site."""
    site = Site(memory_ledger, settings, Announcer())
    if request.param == "alone":
        app: Any = create_app([read_routes(site.reader, site.watch)], nullcontext())
    else:
        app = create_site(site, settings)
    yield httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1")
    site.reader.close()


async def test_a_question_that_cannot_be_answered_is_a_problem_in_the_language_of_the_caller(
    client: httpx.AsyncClient,
) -> None:
    for address, (status, code, french) in ASKED.items():
        answer = await client.get(address, headers={"accept-language": "de, fr;q=0.8, en;q=0.5"})

        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), address
        problem = answer.json()
        assert french in problem.pop("detail")
        assert problem == {"type": f"/problems/{code}", "title": code.replace("-", " "), "status": status}
        assert PERSONAL not in answer.text
        assert (await client.get(f"/problems/{code}")).status_code == 200


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "٣", HUGE, PERSONAL])
async def test_an_event_identifier_that_was_never_sent_is_refused(client: httpx.AsyncClient, last: str) -> None:
    answer = await client.get("/events", headers=[(b"last-event-id", last.encode())])

    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert answer.json()["type"] == "/problems/bad-event-id"
    assert PERSONAL not in answer.text


@pytest.mark.parametrize(
    ("method", "address", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("GET", "/views/a/b", 404, "not-found"),
        ("POST", "/views", 405, "method-not-allowed"),
        ("DELETE", "/events", 405, "method-not-allowed"),
    ],
)
async def test_an_address_or_a_method_that_is_none_is_a_problem(
    client: httpx.AsyncClient, method: str, address: str, status: int, code: str
) -> None:
    answer = await client.request(method, address, headers={"accept-language": "fr"})

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["type"] == f"/problems/{code}"
    assert ("allow" in answer.headers) == (status == 405)


async def test_the_views_answer_under_a_name_of_this_machine_only(client: httpx.AsyncClient) -> None:
    for address in ("/views", "/views/inbox", "/events", "/problems/view-behind"):
        answer = await client.get(address, headers={"host": "views.example"})
        assert (answer.status_code, answer.json()["type"]) == (421, "/problems/foreign-host")


async def test_a_defect_is_told_without_its_insides(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(PERSONAL)

    monkeypatch.setattr(ViewReader, "views", broken)

    answer = await client.get("/views")

    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/defect")
    assert "RuntimeError" in caplog.text
    assert PERSONAL not in answer.text + caplog.text


def test_every_form_is_asked_for_somewhere() -> None:
    wrong = [french for _, code, french in ASKED.values() if code == "bad-parameter"]
    assert {name for name in FORMS if any(name in address for address in ASKED)} == set(FORMS)
    assert len(wrong) > len(FORMS)
