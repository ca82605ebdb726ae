"""What the pages answer, without a browser."""

import re
from collections.abc import Iterator

import pytest
from litestar.testing import TestClient
from msgspec.structs import replace
from sample_events import contact
from sample_place import NOW, ago
from sample_server import application
from sample_stories import CANTEEN, FORGOTTEN, LOCKED
from sample_town import SampleTown

from ledger.domain.vocabulary import CaseStatus, Channel, Direction
from projections.console.frame import preferred_language
from projections.console.rows import badge_of
from projections.console.service_events import in_words
from projections.console.story import tell_story

PAGES = (
    "/",
    "/inbox",
    "/inbox/telephone?show=all",
    "/inbox/social",
    "/inbox?unit=Voirie",
    f"/cases/{CANTEEN}",
    f"/cases/{LOCKED}",
)


@pytest.fixture
def town() -> SampleTown:
    return SampleTown()


@pytest.fixture
def client(town: SampleTown) -> Iterator[TestClient]:
    with TestClient(application(town)) as client:
        yield client


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_needs_nothing_that_its_policy_forbids(client: TestClient, path: str, language: str) -> None:
    page = client.get(path, params={"lang": language} if "?" not in path else None)
    assert page.status_code == 200
    assert page.headers["content-security-policy"].startswith("default-src 'self'")
    assert page.headers["cache-control"] == "no-store"
    assert not re.findall(r"<style|<script>| style=| on[a-z]+=|javascript:|https?://", page.text)


@pytest.mark.parametrize("path", PAGES)
def test_no_sealed_token_reaches_a_page(client: TestClient, path: str) -> None:
    assert "sealed:" not in client.get(path).text


def test_what_is_erased_and_what_is_sealed_are_told_apart(client: TestClient) -> None:
    erased, sealed = client.get(f"/cases/{FORGOTTEN}").text, client.get(f"/cases/{LOCKED}").text
    assert "Effacé" in erased
    assert "Scellé" not in erased
    assert "Scellé" in sealed


def test_what_citizens_write_is_shown_as_text(client: TestClient, town: SampleTown) -> None:
    said = '<script>alert(1)</script> & "plus"'
    town.happen(contact(CANTEEN, "méchant", Channel.WEB, Direction.IN, said, at=NOW), Channel.WEB)
    page = client.get(f"/cases/{CANTEEN}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_overview_reveals_nobody(client: TestClient) -> None:
    assert "Lucas" not in client.get("/").text
    assert "Lucas" in client.get("/inbox").text


@pytest.mark.parametrize(
    "path",
    ["/cases/7f0c0c52-6f2d-4b53-9b8f-0d8a1c1c2f10", "/inbox/pigeon", "/nowhere", "/cases/12", "/inbox/nowhere?lang=en"],
)
def test_what_is_not_there_is_said_on_a_page(client: TestClient, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 404
    assert page.headers["content-language"] == ("en" if "lang=en" in path else "fr")
    assert "</html>" in page.text


def test_the_next_page_goes_on_where_the_first_ended(client: TestClient) -> None:
    first = client.get("/inbox?show=all").text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    second = client.get(following[1].replace("&amp;", "&")).text
    shown = [set(re.findall(r'id="case-([^"]+)"', page)) for page in (first, second)]
    assert [len(rows) for rows in shown] == [25, 25]
    assert not shown[0] & shown[1]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("", "fr"), ("en-GB,en;q=0.9", "en"), ("de, fr;q=0.5, en;q=0.8", "en"), ("es", "fr"), ("en;q=x", "en")],
)
def test_the_language_is_the_browsers(accepted: str, language: str) -> None:
    assert preferred_language(accepted) == language


def test_a_wish_is_kept_in_a_cookie_and_nonsense_is_not(client: TestClient) -> None:
    assert "lang=en" in client.get("/?lang=en").headers["set-cookie"]
    assert client.get("/inbox").headers["content-language"] == "en"
    assert "set-cookie" not in client.get("/?lang=tlh&theme=pink").headers


def test_a_story_is_told_from_the_newest_and_knows_its_corrections(town: SampleTown) -> None:
    story = tell_story(CANTEEN, town.case(CANTEEN), town.reveal)
    told = story.happenings
    assert [h.occurred_at for h in told] == sorted((h.occurred_at for h in told), reverse=True)
    amended = next(h for h in told if h.corrected_at)
    correction = next(h for h in told if h.name == "interaction-corrected")
    assert correction.about == amended.occurred_at
    assert amended.recorded_late
    assert (story.header.agent, story.header.unit, story.header.status) == (
        "regie.nsaid",
        "Régie scolaire",
        CaseStatus.OPEN,
    )
    assert story.channels == [Channel.WEB, Channel.TELEPHONE, Channel.COUNTER, Channel.EMAIL, Channel.POST]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ["Event of the service", "Days chosen (days-chosen.v1)", "All year</span> Yes", "Diet – Lucas apporte"]),
        ("fr", ["Événement de la démarche", "Days chosen (days-chosen.v1)", "All year</span> Oui", "arachide, œuf"]),
    ],
)
def test_an_event_of_a_service_is_told_in_its_own_words(client: TestClient, language: str, told: list[str]) -> None:
    page = client.get(f"/cases/{CANTEEN}", params={"lang": language}).text
    assert [words for words in told if words not in page] == []
    assert "Ends on" not in page


def test_a_content_that_holds_no_fields_is_told_as_it_is() -> None:
    assert in_words("Sans œuf") == "Sans œuf"
    assert in_words('{"diet":null,"guests":2}') == "Guests – 2"


def test_an_event_of_a_newer_version_is_named_and_not_read(client: TestClient, town: SampleTown) -> None:
    entry = town.case(CANTEEN)[-1]
    town._entries[town._entries.index(entry)] = replace(entry, event="case-merged.v1")
    assert "case-merged" in client.get(f"/cases/{CANTEEN}").text
    assert "case-merged" in client.get("/").text


def test_a_deadline_is_late_soon_or_calm() -> None:
    badges = [badge_of(at, CaseStatus.OPEN, NOW) for at in (ago(1), ago(hours=-1), ago(-2), ago(-9))]
    assert [(badge.key, badge.tone) for badge in badges if badge] == [
        ("deadline.late", "late"),
        ("deadline.today", "soon"),
        ("deadline.in", "soon"),
        ("deadline.in", "calm"),
    ]
    assert badge_of(ago(1), CaseStatus.CLOSED, NOW) is None
