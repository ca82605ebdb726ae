"""The tutorial does what it says: its commands are run as they stand, in order, against a real instance."""

import json
import os
import re
import shlex
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from labkit.options import PORT
from labkit.simulate.residents import Life
from labkit.simulate.territory import load_territory
from ledger.domain.commands import RegisterAuthority
from tests.running import LABKIT, running_instance

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.DOTALL | re.MULTILINE)
OFFER, OPEN, GO_ON, STORY, JSON, CLOSE, FORGET = range(7)
AS_TYPED = "python3 -m uv run labkit"
SCRIPT_TIMEOUT_S = 100
WORDS = ("Cantine de Léa", "Mme Lacoste inscrit sa fille", "quotient familial")

# What the script has beside the tutorial: `labkit` here, the status of each answer, and a look around after a block,
# once the views have caught up, which a person who reads and types leaves them the time for.
PRELUDE = r"""set -eu
curl() { command curl --write-out '%{stderr}%{http_code}\n' "$@"; }
labkit() { LABKIT "$@" --data "$DATA"; }
look() {
  position=$(command curl -s "$URL/status" | sed 's/.*"ledger":{"position":\([0-9]*\)}.*/\1/')
  for view in timeline counter telephone web; do
    command curl -s -o "$view.$1" "$URL/views/$view?at_least=$position"
  done
  command curl -s -o "page.$1" "$URL/cases/${CASE:-}"
  printf '\036'
}
""".replace("LABKIT", shlex.join(LABKIT))


class Run:
    """What came out of the whole tutorial, and where what was seen after each block is kept."""

    def __init__(self, ended: "subprocess.CompletedProcess[str]", folder: Path) -> None:
        self.statuses = ended.stderr.split()
        self.printed = ended.stdout.split("\036")
        self._folder = folder

    def answers(self, block: int) -> list[dict[str, Any]]:
        """The JSON texts that a block printed, one after the other."""
        decoder, text, found = json.JSONDecoder(), self.printed[block].strip(), []
        while text:
            answer, end = decoder.raw_decode(text)
            found.append(answer)
            text = text[end:].strip()
        return found

    def history(self, block: int) -> list[str]:
        """The lines that `labkit history` printed, without position and moment."""
        lines = self.printed[block].splitlines()
        return [" ".join(line.split()[3:]) for line in lines if re.match(r" +\d+  \d{4}-", line)]

    def inbox(self, channel: str, block: int) -> list[dict[str, Any]]:
        """The rows of an inbox after a block."""
        rows: list[dict[str, Any]] = json.loads((self._folder / f"{channel}.{block}").read_bytes())["rows"]
        return rows

    def page(self, block: int) -> str:
        """The page of the case after a block."""
        return (self._folder / f"page.{block}").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return BLOCK.findall((DOCS / language / "tutorial.md").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run the whole tutorial, in one shell."""
    if "CI" not in os.environ and not shutil.which("curl"):
        pytest.skip("needs curl")
    folder = tmp_path_factory.mktemp("tutorial")
    with running_instance(folder / "data") as running:
        here = [text.replace(str(PORT), str(running.port)).replace(AS_TYPED, "labkit") for text in blocks("en")]
        script = PRELUDE + "\n".join(f"{block}\nlook {number}" for number, block in enumerate(here))
        ended = subprocess.run(
            ["bash", "-c", script],
            cwd=folder,
            capture_output=True,
            check=False,
            encoding="utf-8",
            env={**os.environ, "URL": running.url, "DATA": str(running.data), "LABKIT_LANG": "en"},
            timeout=SCRIPT_TIMEOUT_S,
        )
    assert ended.returncode == 0, ended.stderr
    return Run(ended, folder)


def test_both_languages_type_the_same_commands() -> None:
    assert blocks("en") == blocks("fr")
    assert len(blocks("en")) == FORGET + 1


def test_every_command_is_accepted_but_the_one_that_a_rule_refuses(run: Run) -> None:
    assert run.statuses == [*["201"] * 5, "200", "200", "201", "409"]
    accepted = [answer for block in (OFFER, OPEN, GO_ON) for answer in run.answers(block)]
    assert [(answer["status"], answer["position"]) for answer in accepted] == [
        ("accepted", position) for position in (1, 2, 4, 5, 6)
    ]


def test_its_authority_is_already_that_of_the_residents() -> None:
    registered = json.loads(blocks("en")[OFFER].partition("-d '")[2].partition("'")[0])
    found = [
        (command.authority, command.name, command.kind)
        for command in Life(0, load_territory(), lambda: datetime.now(UTC)).foundation()
        if isinstance(command, RegisterAuthority)
    ]
    assert (registered["authority"], registered["name"], registered["kind"]) in found


def test_the_case_is_in_three_inboxes_and_a_call_back_is_due(run: Run) -> None:
    (counter,), (telephone,), (web,) = (run.inbox(channel, GO_ON) for channel in ("counter", "telephone", "web"))
    assert counter["case_id"] == telephone["case_id"] == web["case_id"]
    assert telephone["call_back_by"] == "2030-01-15T16:00:00Z"


def test_its_history_goes_through_the_three_channels(run: Run) -> None:
    assert run.history(STORY) == [
        "Counter case opened",
        "Counter interaction recorded in",
        "Telephone interaction recorded in",
        "Web interaction recorded in",
    ]


def test_programs_read_the_same_story_with_its_texts_sealed(run: Run) -> None:
    position, view = int(run.answers(CLOSE)[0]["position"]) - 1, run.answers(JSON)[0]
    assert (view["position"], len(view["rows"])) == (position, len(run.history(STORY)))
    assert all(row["data"].get("summary", row["data"].get("title")).startswith("sealed:") for row in view["rows"])
    assert not [words for words in WORDS if words in run.printed[JSON]]


def test_a_closed_case_accepts_nothing_and_nothing_was_written(run: Run) -> None:
    closure, problem = run.answers(CLOSE)
    assert closure["status"] == "accepted"
    assert (problem["status"], problem["type"]) == (409, "/problems/case-is-closed")
    assert run.history(FORGET) == [*run.history(STORY), "Counter case closed completed"]


def test_the_page_tells_what_was_said_until_the_citizen_is_forgotten(run: Run) -> None:
    assert [words for words in WORDS if words not in run.page(CLOSE)] == []
    assert [words for words in WORDS if words in run.page(FORGET)] == []
    assert "is forgotten" in run.printed[FORGET]
    assert run.inbox("counter", FORGET) == run.inbox("counter", CLOSE)
