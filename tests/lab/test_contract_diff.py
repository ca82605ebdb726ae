"""What changed between two contracts: everything that breaks somebody is found, and nothing else is said to break."""

import json
import subprocess
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import msgspec
import pytest

from labkit.cli import main
from labkit.contract.comparing import compare
from labkit.contract.failures import BadContract, NoContract
from labkit.contract.generating import DOCUMENTS, RELEASED, breaking, published, release
from labkit.contract.reading import read_contract
from labkit.exit_codes import ExitCode
from labkit.messages import Texts

ROOT = Path(__file__).parents[2]
Contract = dict[str, dict[str, Any]]
Changing = Callable[[Contract], object]
TODAY: Contract = {name.removesuffix(".json"): json.loads(text) for name, text in published().items()}
OPENED, RECORDED = "schemas/case-opened.v1", "schemas/interaction-recorded.v1"
CASES, STEPS = "/cases", "/cases/{case_id}/steps"
SAY = Texts("en")


def event(contract: Contract, name: str = OPENED) -> Any:
    return contract[name]


def fields(contract: Contract, name: str = OPENED) -> Any:
    return contract[name]["properties"]


def part(contract: Contract, name: str) -> Any:
    return contract[RECORDED]["$defs"][name]


def channel(contract: Contract, name: str = "case-opened") -> Any:
    return contract["asyncapi"]["channels"][name]


def called(contract: Contract, path: str, method: str = "post") -> Any:
    return contract["openapi"]["paths"][path][method]


def body(contract: Contract, path: str) -> Any:
    return called(contract, path)["requestBody"]["content"]["application/json"]["schema"]


def asked(contract: Contract, path: str, name: str) -> Any:
    return next(one for one in called(contract, path, "get")["parameters"] if one.get("name") == name)


def answered(contract: Contract, name: str) -> Any:
    return contract["openapi"]["components"]["schemas"][name]


def renamed(fields: Any, old: str, new: str) -> None:
    fields[new] = fields.pop(old)


BREAKING_EVENTS: dict[str, Changing] = {
    "an optional field is gone": lambda c: fields(c).pop("reference"),
    "a field has another name": lambda c: renamed(fields(c), "deadline", "due_at"),
    "a required field may be missing": lambda c: event(c)["required"].remove("service"),
    "a field has another type": lambda c: fields(c)["version"].update(type="string"),
    "a field may be null": lambda c: fields(c).update(unit={"anyOf": [fields(c)["unit"], {"type": "null"}]}),
    "a text may be longer": lambda c: fields(c)["unit"].update(maxLength=5_000),
    "a text may have any form": lambda c: fields(c)["authority"].pop("pattern"),
    "a moment is no longer one": lambda c: fields(c)["occurred_at"].pop("format"),
    "what is personal is no longer sealed": lambda c: fields(c)["title"].pop("pattern"),
    "a part of a field lacks something": lambda c: part(c, "PostalItem")["properties"].pop("postmarked_on"),
    "an event is gone": lambda c: c.pop("schemas/case-reopened.v1"),
    "an event has another tag": lambda c: renamed(c, "schemas/case-closed.v1", "schemas/case-shut.v1"),
    "an attribute of the envelope is gone": lambda c: fields(c, "schemas/cloudevent").pop("sequence"),
    "a subject has another form": lambda c: channel(c).update(address="ledger.{authority}.case-opened"),
    "a parameter of a subject is gone": lambda c: channel(c)["parameters"].pop("channel"),
    "a subject has no channel": lambda c: c["asyncapi"]["channels"].pop("case-closed"),
    "messages have another content type": lambda c: c["asyncapi"]["components"]["messages"]["case-opened.v1"].update(
        contentType="application/avro"
    ),
    "a message has another type": lambda c: c["asyncapi"]["components"]["messages"]["case-opened.v1"].update(
        name="org.example.case-opened.v1"
    ),
    "the stream has another name": lambda c: c["asyncapi"]["x-jetstream"].update(stream="EVENTS"),
}
COMPATIBLE_EVENTS: dict[str, Changing] = {
    "there is an optional field": lambda c: fields(c).update(colour={"type": "string"}),
    "there is a field in every event": lambda c: (
        fields(c).update(place={"type": "string"}),
        event(c)["required"].append("place"),
    ),
    "an optional field is always there": lambda c: event(c)["required"].append("deadline"),
    "a text is shorter": lambda c: fields(c)["unit"].update(maxLength=10),
    "a number has less room": lambda c: fields(c)["version"].update(minimum=2),
    "a text has a form": lambda c: fields(c)["unit"].update(pattern="^[A-Z]"),
    "there is a new word": lambda c: part(c, "Channel")["enum"].append("fax"),
    "a word is no longer said": lambda c: part(c, "Channel")["enum"].remove("social"),
    "there is a new kind of particulars": lambda c: (
        part(c, "CounterVisit"),
        c[RECORDED]["$defs"].update(
            Fax={"title": "Fax", "type": "object", "properties": {"channel": {"const": "fax"}}}
        ),
        fields(c, RECORDED)["particulars"]["oneOf"].append({"$ref": "#/$defs/Fax"}),
    ),
    "there is a new event": lambda c: c.update({"schemas/case-merged.v1": deepcopy(event(c))}),
    "an event has a second version beside the first": lambda c: (
        c.update({"schemas/case-opened.v2": deepcopy(event(c))}),
        channel(c)["messages"].update({"case-opened.v2": {}}),
    ),
    "there is a new subject": lambda c: c["asyncapi"]["channels"].update({"case-merged": deepcopy(channel(c))}),
    "an attribute is added to the envelope": lambda c: fields(c, "schemas/cloudevent").update(tone={"type": "string"}),
    "texts say the same in better words": lambda c: event(c).update(description="A case began.", examples=[]),
}
BREAKING_CALLS: dict[str, Changing] = {
    "a body has a new required field": lambda c: (
        body(c, CASES)["properties"].update(colour={"type": "string"}),
        body(c, CASES)["required"].append("colour"),
    ),
    "an optional field is required": lambda c: body(c, CASES)["required"].append("summary"),
    "a field is no longer taken": lambda c: body(c, CASES)["properties"].pop("reference"),
    "a field has another name": lambda c: renamed(body(c, STEPS)["properties"], "activity", "work"),
    "a field may no longer be null": lambda c: body(c, STEPS)["properties"].update(agent={"type": "string"}),
    "a text must be shorter": lambda c: body(c, STEPS)["properties"]["activity"].update(maxLength=20),
    "a text must have a form": lambda c: body(c, STEPS)["properties"]["activity"].update(pattern="^[A-Z]"),
    "a word is no longer taken": lambda c: answered(c, "ClosingReason")["enum"].remove("duplicate"),
    "what is left out means something else": lambda c: body(c, CASES)["properties"]["direction"].update(default="out"),
    "an address is gone": lambda c: c["openapi"]["paths"].pop("/log"),
    "an address has another name": lambda c: renamed(c["openapi"]["paths"], "/status", "/health"),
    "a method is gone": lambda c: renamed(c["openapi"]["paths"][STEPS], "post", "put"),
    "a parameter is gone": lambda c: called(c, "/log", "get")["parameters"].pop(0),
    "a parameter must be given": lambda c: asked(c, "/views/timeline", "case").update(required=True),
    "a parameter takes less": lambda c: asked(c, "/log", "limit")["schema"].update(maximum=10),
    "an answer lacks a field": lambda c: answered(c, "Receipt")["properties"].pop("position"),
    "an answer may lack a field": lambda c: answered(c, "InboxRow")["required"].remove("case_id"),
    "an answer has another type": lambda c: answered(c, "LedgerStatus")["properties"]["position"].update(type="string"),
    "an answer has another status": lambda c: renamed(called(c, STEPS)["responses"], "201", "202"),
    "an answer has another form": lambda c: renamed(
        called(c, "/ledger", "get")["responses"]["200"]["content"], "application/json", "text/plain"
    ),
    "an answer lacks a header": lambda c: called(c, STEPS)["responses"]["201"]["headers"].pop("Ledger-Position"),
    "a token is asked for": lambda c: called(c, "/views", "get").update(security=[{"token": []}]),
}
COMPATIBLE_CALLS: dict[str, Changing] = {
    "a body has a new optional field": lambda c: body(c, CASES)["properties"].update(colour={"type": "string"}),
    "a required field may be left out": lambda c: body(c, CASES)["required"].remove("service"),
    "a text may be longer": lambda c: body(c, STEPS)["properties"]["activity"].update(maxLength=500),
    "a text may have any form": lambda c: body(c, CASES)["properties"]["authority"].pop("pattern"),
    "a field may be null": lambda c: body(c, STEPS)["properties"].update(
        activity={"anyOf": [body(c, STEPS)["properties"]["activity"], {"type": "null"}]}
    ),
    "one more word is taken": lambda c: answered(c, "ClosingReason")["enum"].append("merged"),
    "there is a new address": lambda c: c["openapi"]["paths"].update({"/health": c["openapi"]["paths"]["/status"]}),
    "there is a new method": lambda c: c["openapi"]["paths"][STEPS].update(get=called(c, "/status", "get")),
    "there is a new parameter": lambda c: called(c, "/log", "get")["parameters"].append(
        {"name": "until", "in": "query", "schema": {"type": "integer"}}
    ),
    "a parameter takes more": lambda c: asked(c, "/log", "limit")["schema"].update(maximum=5_000),
    "an answer has a new field": lambda c: answered(c, "Receipt")["properties"].update(at={"type": "string"}),
    "there is one more problem": lambda c: called(c, STEPS)["responses"].update({"429": {"description": "Slower."}}),
    "a part of an address has another name": lambda c: renamed(c["openapi"]["paths"], STEPS, "/cases/{case}/steps"),
    "no token is asked for": lambda c: called(c, "/log", "get").pop("security"),
}


def changed(change: Changing) -> Contract:
    contract = deepcopy(TODAY)
    change(contract)
    return contract


@pytest.mark.parametrize("planted", [*BREAKING_EVENTS.items(), *BREAKING_CALLS.items()], ids=lambda pair: pair[0])
def test_what_breaks_is_found(planted: tuple[str, Changing]) -> None:
    found = compare(TODAY, changed(planted[1]))

    assert [change for change in found if change.breaking]


@pytest.mark.parametrize("planted", [*COMPATIBLE_EVENTS.items(), *COMPATIBLE_CALLS.items()], ids=lambda pair: pair[0])
def test_what_breaks_nobody_is_told_and_not_said_to_break(planted: tuple[str, Changing]) -> None:
    found = compare(TODAY, changed(planted[1]))

    assert [change for change in found if change.breaking] == []
    told = {"texts say the same in better words", "a part of an address has another name"}
    assert bool(found) == (planted[0] not in told)


def test_nothing_is_found_where_nothing_changed() -> None:
    assert compare(TODAY, deepcopy(TODAY)) == []


def test_all_that_was_planted_at_once_is_found_and_told_in_both_languages() -> None:
    contract = deepcopy(TODAY)
    answered(contract, "ClosingReason")["enum"].append("merged")
    fields(contract)["unit"].update(maxLength=5_000)
    contract.pop("schemas/case-reopened.v1")

    found = compare(TODAY, contract)

    assert [change.breaking for change in found] == sorted((change.breaking for change in found), reverse=True)
    told = [f"{change.where}: {SAY(change.text, **change.details)}" for change in found]
    assert "schemas/case-opened.v1.unit: more is allowed (maxLength): 100 before, 5000 now" in told
    assert "schemas/case-reopened.v1: the event case-reopened.v1 is gone" in told
    assert "openapi POST /cases/{}/closure body.reason: there is a new word: merged" in told
    assert Texts("fr")(found[0].text, **found[0].details) != SAY(found[0].text, **found[0].details)


def write(folder: Path, contract: Contract) -> Path:
    for name, document in contract.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.json").write_bytes(msgspec.json.encode(document))
    return folder


def test_nothing_breaks_since_the_last_release() -> None:
    broken = [f"{change.where}: {SAY(change.text, **change.details)}" for change in breaking(ROOT)]

    assert not broken, (
        "This breaks those who rely on the last release. Leave what was released as it is, and add the new event beside"
        " it, with the next version in its tag (.v2), or the new address beside the old one:\n" + "\n".join(broken)
    )


def test_a_contract_was_released() -> None:
    assert read_contract(str(ROOT / RELEASED)).keys() == TODAY.keys()


def test_a_contract_that_breaks_is_not_released(tmp_path: Path) -> None:
    with_one_more = changed(COMPATIBLE_EVENTS["there is a new event"])
    write(tmp_path / RELEASED, with_one_more)

    broken = release(tmp_path)

    assert [change.text for change in broken] == ["contract-change.event-removed"]
    assert read_contract(str(tmp_path / RELEASED)) == with_one_more


def test_a_contract_that_breaks_nobody_is_released(tmp_path: Path) -> None:
    old = deepcopy(TODAY)
    old.pop("schemas/case-reopened.v1")
    old["asyncapi"]["channels"].pop("case-reopened")
    write(tmp_path / RELEASED, old)

    assert release(tmp_path) == []
    assert read_contract(str(tmp_path / RELEASED)) == TODAY


def test_a_contract_is_read_from_a_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / DOCUMENTS, TODAY)
    write(tmp_path / RELEASED, TODAY)
    settings = ["-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], ["add", "."], [*settings, "commit", "-qm", "one"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True, timeout=60)
    monkeypatch.chdir(tmp_path)

    assert read_contract("HEAD:") == TODAY
    for nowhere in ("never-heard-of:", "--output=x:", ":", "nowhere"):
        with pytest.raises(NoContract):
            read_contract(nowhere)


def test_a_broken_document_is_named(tmp_path: Path) -> None:
    (tmp_path / "asyncapi.json").write_text("[]", encoding="utf-8")

    with pytest.raises(BadContract, match=r"asyncapi\.json"):
        read_contract(str(tmp_path))


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in ("contract", *arguments)])
    told = capsys.readouterr()
    return int(str(ended.value.code)), told.out + told.err


def test_the_verb_tells_each_change_and_ends_with_what_was_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = write(tmp_path / "new", changed(BREAKING_EVENTS["an optional field is gone"]))
    wider = write(tmp_path / "wider", changed(COMPATIBLE_EVENTS["there is an optional field"]))
    written, _ = run(capsys, "write", tmp_path / "today")

    code, told = run(capsys, "diff", tmp_path / "today", new, "--lang", "fr")
    assert (written, code) == (ExitCode.OK, ExitCode.FOUND)
    assert "CASSE  schemas/case-opened.v1 : le champ reference a disparu" in told

    code, told = run(capsys, "diff", tmp_path / "today", wider, "--json")
    assert code == ExitCode.OK
    assert json.loads(told) == {
        "compatible": True,
        "changes": [
            {"breaking": False, "where": OPENED, "change": "there is an optional field colour"},
        ],
    }


def test_the_verb_writes_over_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "asyncapi.json").write_text("mine", encoding="utf-8")

    assert run(capsys, "write", tmp_path)[0] == ExitCode.REFUSED
    assert (tmp_path / "asyncapi.json").read_text("utf-8") == "mine"
