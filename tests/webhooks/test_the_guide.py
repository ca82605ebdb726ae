"""What the guide tells integrators to do works, and what it promises is what is done."""

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.webhooks.schedule import DELAYS
from ledger.webhooks.signature import key_of, signed
from tests.webhooks.town_post import SECRET

GUIDES = {language: Path(__file__).parents[2] / f"docs/{language}/guides/webhooks.md" for language in ("en", "fr")}
UNITS = {"s": "seconds", "min": "minutes", "h": "hours"}
BODY = '{"subject":"Pau — voirie"}'.encode()
LINES_MAX = 15

in_each_language = pytest.mark.parametrize("language", GUIDES)


def code(language: str, kind: str) -> str:
    (found,) = re.findall(rf"```{kind}\n(.*?)```", GUIDES[language].read_text("utf-8"), re.DOTALL)
    assert found.count("\n") <= LINES_MAX
    return str(found)


def deliveries() -> list[tuple[dict[str, str], bytes, bool]]:
    now = datetime.now(UTC)
    good = signed(BODY, key=key_of(SECRET), delivery_id="1", at=now)
    stale = signed(BODY, key=key_of(SECRET), delivery_id="1", at=now - timedelta(minutes=6))
    several = good | {"webhook-signature": f"v1a,AAAA {good['webhook-signature']}"}
    return [
        (good, BODY, True),
        (several, BODY, True),
        (good, BODY + b" ", False),
        (good | {"webhook-id": "2"}, BODY, False),
        (good | {"webhook-signature": "v1,é"}, BODY, False),
        (stale, BODY, False),
    ]


@in_each_language
def test_the_python_of_the_guide_tells_ours_from_others(language: str) -> None:
    names: dict[str, Any] = {}
    exec(code(language, "python"), names)  # noqa: S102  # it is our own guide

    for headers, body, ours in deliveries():
        assert names["verified"](headers, body, SECRET) is ours


@in_each_language
@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_the_javascript_of_the_guide_tells_ours_from_others(language: str, tmp_path: Path) -> None:
    told = [(headers, body.decode()) for headers, body, _ in deliveries()]
    program = code(language, "js") + (
        f"\nconst told = {json.dumps(told)};"
        f"\nconsole.log(JSON.stringify(told.map(([h, b]) => verified(h, Buffer.from(b), {json.dumps(SECRET)}))));"
    )
    file = tmp_path / "check.mjs"
    file.write_text(program, "utf-8")

    answer = subprocess.run(["node", file], check=True, capture_output=True, timeout=30).stdout

    assert json.loads(answer) == [ours for _, _, ours in deliveries()]


@in_each_language
def test_the_table_of_attempts_is_the_schedule(language: str) -> None:
    rows = re.findall(r"^\| (\d+) \| (.+?) \|$", GUIDES[language].read_text("utf-8"), re.MULTILINE)

    assert [int(number) for number, _ in rows] == list(range(1, len(DELAYS) + 1))
    assert [delay(text) for _, text in rows] == list(DELAYS)


def delay(text: str) -> timedelta:
    if text in ("at once", "aussitôt"):
        return timedelta()
    amount, unit = text.split()
    return timedelta(**{UNITS[unit]: int(amount)})
