"""Who may file: keys kept as hashes, made and revoked at the command line; and what is too fast, large or strange."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from labkit.cli import main
from labkit.exit_codes import ExitCode
from labkit.open311.keys import key_file
from labkit.open311.pace import Pace
from tests.open311.town import ROADS, Town, tree

Errors = Callable[[httpx.Response], list[str]]
DOCS = Path(__file__).parents[2] / "docs"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def labkit(town: Town, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Run a verb about keys in this process; return its exit code and what it said."""

    def run(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(["open311", "key", *arguments, "--data", str(town.data), "--lang", "en"])
        said = capsys.readouterr()
        return int(str(ended.value.code)), said.out + said.err

    return run


def test_a_key_is_made_shown_once_listed_and_revoked(
    town: Town, errors: Errors, labkit: Callable[..., tuple[int, str]]
) -> None:
    code, said = labkit("add", "bearn-app", "--json")
    made = json.loads(said)
    assert (code, made["partner"]) == (ExitCode.OK, "bearn-app")
    assert town.files(api_key=made["api_key"]).status_code == 201

    code, listed = labkit("list")
    assert code == ExitCode.OK
    assert made["id"] in listed
    assert made["api_key"] not in listed
    assert made["api_key"] not in key_file(town.data).read_text("utf-8")
    assert stat.S_IMODE(key_file(town.data).stat().st_mode) == 0o600
    assert stat.S_IMODE(key_file(town.data).parent.stat().st_mode) == 0o700

    assert labkit("revoke", made["id"])[0] == ExitCode.OK
    assert errors(town.files(api_key=made["api_key"])) == ["This api_key opens nothing: it is wrong, or was revoked."]
    assert labkit("revoke", made["id"])[0] == ExitCode.REFUSED
    assert town.files().status_code == 201


@pytest.mark.parametrize("name", ["", "Pau", "a b", "é", "a" * 51, "../x"])
def test_a_partner_is_named_by_a_short_code(labkit: Callable[..., tuple[int, str]], name: str) -> None:
    code, said = labkit("add", name)

    assert code == ExitCode.USAGE
    assert "cannot name a partner" in said


def test_a_key_is_shown_to_people_with_what_to_do_with_it(labkit: Callable[..., tuple[int, str]]) -> None:
    code, said = labkit("add", "bearn-app")

    assert code == ExitCode.OK
    assert "o311_" in said
    assert "cannot be shown again" in said


def test_nobody_files_without_a_right_key(town: Town, errors: Errors) -> None:
    for key, wrong in ((None, "An api_key is needed"), ("", "An api_key is needed"), ("o311_no", "This api_key opens")):
        answer = town.files(api_key=key)
        assert answer.status_code == 403
        assert errors(answer)[0].startswith(wrong)
    assert town.get("requests.json", key="o311_no").status_code == 403
    root = tree(town.files("xml", api_key="é" * 300))
    assert root.findtext("error/code") in ("400", "403")
    assert town.requests() == []


def test_a_partner_that_is_too_fast_is_told_when_to_come_back_and_stops_nobody_else(town: Town, errors: Errors) -> None:
    town.says(pace="burst = 2\nper_second = 0.001")

    answers = [town.get("services.json", key=town.key) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "ask again in" in errors(answers[2])[0]
    assert 900 <= int(answers[2].headers["retry-after"]) <= 1_000
    assert town.get("services.json", key=town.key_of("another")).status_code == 200
    assert town.get("services.json").status_code == 200


def test_the_pace_comes_back_with_time() -> None:
    now = 0.0
    pace = Pace(lambda: now)
    assert [pace.wait_s("a", burst=2, per_second=2.0) for _ in range(3)] == [0.0, 0.0, 0.5]
    now = 0.5
    assert [pace.wait_s("a", burst=2, per_second=2.0) for _ in range(2)] == [0.0, 0.5]
    now = 1_000.0
    assert [pace.wait_s("a", burst=2, per_second=2.0) for _ in range(3)] == [0.0, 0.0, 0.5]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{}", "application/json", 400),
        (b"api_key=%FF", FORM, 400),
        (b"\xff\xfe", FORM, 400),
        (b"&".join(b"a=%d" % number for number in range(301)), FORM, 400),
        (b"api_key=" + b"a" * 70_000, FORM, 413),
        (b"", FORM, 403),
    ],
)
def test_a_body_that_is_no_small_form_is_refused_in_words(
    town: Town, errors: Errors, body: bytes, content_type: str, status: int
) -> None:
    answer = town.http.post("/open311/v2/requests.json", content=body, headers={"Content-Type": content_type})

    assert answer.status_code == status
    assert errors(answer)


def test_a_method_that_is_not_taken_is_refused_in_words(town: Town, errors: Errors) -> None:
    answer = town.http.delete("/open311/v2/requests.json")

    assert answer.status_code == 405
    assert errors(answer) == ["This resource does not take this method."]
    assert "GET" in answer.headers["allow"]


def test_markup_stays_text(town: Town) -> None:
    bomb = '</description><!DOCTYPE a [<!ENTITY b "c">]>&b;]]><script>alert("é😀")</script>'
    town.filed(description=bomb)

    answer = town.get("requests.xml", key=town.key)

    assert tree(answer).findtext("request/description") == bomb
    assert town.get("requests.json", key=town.key).json()[0]["description"] == bomb


def test_another_machines_name_is_refused(town: Town) -> None:
    assert town.http.get("/open311/v2/services.json", headers={"Host": "evil.example"}).is_client_error


@pytest.mark.parametrize(
    "text",
    [
        "colour = 'blue'",
        "services = 1",
        "[services.voirie]\nattributes = [{code = 'A', datatype = 'singlevaluelist', description = ''}]",
        "not toml",
    ],
)
def test_settings_that_cannot_be_read_stop_the_server_in_words_until_they_are_mended(
    town: Town, errors: Errors, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    town.says(text=text)
    assert errors(answer := town.get("services.json"))[0].startswith("The service cannot answer now")
    assert answer.status_code == 503
    assert "open311.toml" in caplog.text

    town.says(text="burst = 7")
    assert town.get("services.json").json()[0]["service_code"] == ROADS


def test_keys_that_cannot_be_read_stop_the_verbs_in_words(town: Town, labkit: Callable[..., tuple[int, str]]) -> None:
    path: Path = key_file(town.data)
    path.write_text("{", "utf-8")
    os.utime(path, ns=(1, 1))

    assert labkit("list")[0] == ExitCode.BAD_INPUT
    assert town.files().status_code == 503


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_settings_that_the_guide_shows_are_taken(town: Town, language: str) -> None:
    guide = (DOCS / language / "guides/open311.md").read_text("utf-8")
    town.says(shown=guide.partition("```toml\n")[2].partition("```")[0])

    assert town.get("discovery.json").json()["endpoints"][0]["type"] == "production"
    assert town.get("services.json").json()[0]["metadata"] is True
