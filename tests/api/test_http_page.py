import json
import re
import shlex
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from litestar.testing import TestClient
from msgspec.structs import fields

from labkit.reference_texts import typeset
from labkit.site import Site, create_site
from ledger.api.bodies import BATCH_MAX, MADE_HERE
from ledger.api.commands import ROUTES, Receipt
from ledger.api.log import PAGE_MAX as LOG_PAGE_MAX
from ledger.api.log import STREAMS_MAX, LogAsked
from ledger.api.problems import STATUS_OF_REFUSAL
from ledger.api.wording import GENERAL
from ledger.application import CaseLedger
from ledger.domain.citizen import personal_fields
from ledger.domain.errors import REFUSALS
from ledger.domain.events import BY_TAG
from ledger.publishing.announcer import Announcer
from ledger.settings import Settings
from projections.asking import EventsAsked, InboxAsked, NothingAsked, OverviewAsked, TimelineAsked
from projections.live import Counters, Pace
from projections.wording import OF_THE_VIEWS, PAGE_MAX

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {language: (DOCS / language / "reference/http.md").read_text(encoding="utf-8") for language in ("en", "fr")}
ASKED = {
    "/views": NothingAsked,
    "/views/overview": OverviewAsked,
    "/views/timeline": TimelineAsked,
    "/views/{inbox}": InboxAsked,
    "/views/{name}/parked": NothingAsked,
    "/events": EventsAsked,
    "/log": LogAsked,
    "/log/stream": LogAsked,
}

each_language = pytest.mark.parametrize("language", PAGES)


class Call(NamedTuple):
    """A curl command of the page."""

    address: str
    headers: dict[str, str]
    body: str | None


@pytest.fixture
def site(memory_ledger: CaseLedger, settings: Settings) -> Iterator[Litestar]:
    site = Site(memory_ledger, settings, Announcer())
    yield create_site(site, settings)
    site.reader.close()


def rows(page: str, *beginning: str) -> list[list[str]]:
    """Return the cells of the rows of a table that begin with such cells."""
    start = re.escape("| " + "".join(f"{cell} | " for cell in beginning)) if beginning else r"\| "
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if re.match(start, line)
    ]


def codes(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def calls(page: str) -> Iterator[Call]:
    for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL):
        for command in re.split(r"\n(?=curl )", block):
            words = shlex.split(command)
            given = dict(pairwise(words))
            headers = [words[place + 1].split(": ") for place, word in enumerate(words) if word == "-H"]
            yield Call(next(w for w in words if w.startswith("http")), dict(headers), given.get("-d"))


def shown(page: str) -> list[dict[str, Any]]:
    return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", page, re.DOTALL)]


def plain(path: str) -> str:
    """Return an address as people write it; those of Open311 without the ending that chooses a notation."""
    found = re.sub(r":\w+\}", "}", path)
    return re.sub(r"\.(xml|json)$", "", found) if path.startswith("/open311/") else found


@each_language
def test_every_address_of_the_site_is_told_and_no_other(language: str, site: Litestar) -> None:
    told = {(method.strip("`"), address.strip("`")) for method, address, *_ in rows(PAGES[language], "`POST`")}
    told |= {(method.strip("`"), address.strip("`")) for method, address, *_ in rows(PAGES[language], "`GET`")}

    answered = {
        (method, "/problems/{code}" if route.path.startswith("/problems/") else plain(route.path))
        for route in site.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if handler.resolve_include_in_schema()
        for method in handler.http_methods - {"OPTIONS", "HEAD"}
    }
    assert told == answered - {("POST", "/commands")}
    assert "`POST /commands`" in PAGES[language]


@each_language
def test_every_command_is_told_with_what_its_body_holds(language: str) -> None:
    told = {
        tuple(codes(address)): (codes(command), body) for _, address, command, body in rows(PAGES[language], "`POST`")
    }

    for path, kind in ROUTES:
        command, body = told[(path.replace(":str}", "}"),)]
        assert command == [kind.__struct_config__.tag]
        elsewhere = {"command_id", "occurred_at", *re.findall(r"\{(\w+):", path)}
        known = [field for field in fields(kind) if field.name not in elsewhere]
        required = {field.name for field in known if field.required} - set(MADE_HERE)
        assert sorted(codes(body)) == sorted(field.name for field in known)
        assert set(re.findall(r"\*\*`(\w+)`\*\*", body)) == required


@each_language
def test_every_parameter_of_a_view_is_told(language: str) -> None:
    told = {codes(address)[0]: codes(parameters) for _, address, parameters, _ in rows(PAGES[language], "`GET`")}

    for address, kind in ASKED.items():
        assert sorted(told[address]) == sorted(kind.__struct_fields__)
    assert all(told[address] == [] for address in told.keys() - ASKED.keys())


@each_language
def test_every_problem_is_told_as_the_ledger_tells_it(language: str) -> None:
    told = {cells[0].strip("`"): (int(cells[1]), cells[2]) for cells in rows(PAGES[language]) if cells[1].isdecimal()}

    expected = {}
    for code, (status, english, french) in {**GENERAL, **OF_THE_VIEWS}.items():
        text = re.sub(r"\{(\w+)\}", r"*\1*", typeset(french) if language == "fr" else english)
        expected[code] = (int(status), text)
    assert told == expected


@each_language
def test_every_refusal_is_told_with_its_status(language: str) -> None:
    told = {code: int(status) for status, named in _statuses(PAGES[language]) for code in codes(named)}

    assert told == {code: int(STATUS_OF_REFUSAL.get(code, 409)) for code in REFUSALS}


@each_language
def test_every_field_of_a_receipt_is_told(language: str) -> None:
    told = {codes(field)[0] for field, *_ in rows(PAGES[language]) if codes(field)}

    assert set(Receipt.__struct_fields__) <= told


@each_language
def test_every_personal_field_is_told_to_be_sealed(language: str) -> None:
    paragraph = next(line for line in PAGES[language].splitlines() if "sealed:" in line)

    assert {name for _, kind in ROUTES for name in personal_fields(kind)} <= set(codes(paragraph))


@each_language
def test_the_examples_do_what_the_page_says(
    language: str, site: Litestar, fold: Callable[[], int], memory_ledger: CaseLedger
) -> None:
    receipt, problem = shown(PAGES[language])
    client = TestClient(site, base_url="http://127.0.0.1:8420")
    answers: list[httpx.Response] = []

    for address, headers, body in calls(PAGES[language]):
        if urlsplit(address).path == "/events":
            continue
        fold()
        answers.append(client.request("POST" if body else "GET", address, headers=headers, content=body))

    assert [answer.status_code for answer in answers] == [201, 201, 201, 201, 201, 200, 200, 409]
    assert answers[2].json() == receipt
    story = answers[5].json()
    assert [row["channel"] for row in story["rows"]] == ["counter", "counter", "telephone", "post"]
    assert [result["status"] for result in answers[6].json()["results"]] == ["accepted", "accepted"]
    assert memory_ledger.head() == 8
    assert answers[7].json() == problem
    assert "Lacoste" not in answers[5].text


@each_language
def test_the_figures_of_the_page_are_those_of_the_code(language: str) -> None:
    page = PAGES[language].replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")
    pace = Pace()

    said = {
        "en": [f"up to {BATCH_MAX:,} commands", "five seconds at most", "every fifteen seconds", "Two hundred listen"],
        "fr": ["1 000 commandes au plus", "cinq secondes au plus", "toutes les quinze secondes", "Deux cents écoutent"],
    }
    assert [phrase for phrase in said[language] if phrase not in page] == []
    assert (BATCH_MAX, pace.at_least_timeout_s, pace.heartbeat_s, pace.listeners_max) == (1_000, 5, 15, 200)
    assert f"{PAGE_MAX} " in page
    assert ((LOG_PAGE_MAX, STREAMS_MAX), LogAsked().limit) == ((1_000, 8), 100)
    (counters,) = re.findall(r"event: counters\ndata: (.*)", page)
    assert json.loads(counters).keys() == set(Counters.__struct_fields__)
    assert set(re.findall(r'"event":"([^"]+)"', page)) <= BY_TAG.keys()


def test_both_languages_show_the_same_examples() -> None:
    english, french = ([(call.address, call.body) for call in calls(page)] for page in PAGES.values())

    assert english == french


def _statuses(page: str) -> Iterator[tuple[str, str]]:
    for status, *cells in rows(page):
        if status.isdecimal():
            yield status, cells[0]
