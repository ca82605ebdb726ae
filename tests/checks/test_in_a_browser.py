"""The pages in a real Chromium, where axe looks at them; without one on this machine there is nothing to test."""

import os
import threading
from pathlib import Path

import pytest

from labkit.checks.axe import check_seen, french_rules
from labkit.checks.browser import Looked, Seen, Violation
from labkit.checks.chromium import browse, find_chromium
from labkit.checks.findings import told
from labkit.checks.project import check_project
from labkit.checks.visits import Address
from labkit.messages import Texts
from labkit.scaffold.render import render

LABEL = Violation(
    rule="label",
    help="Form elements must have labels",
    description="Ensure every form element has a label",
    tags=("wcag2a", "RGAAv4", "RGAA-11.1.1"),
    targets=("input",),
)


@pytest.fixture(scope="session")
def chromium() -> str:
    found = find_chromium()
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing")
        pytest.skip("Chromium is missing: install it, or name it in CHROMIUM")
    return found


@pytest.mark.timeout(400)
def test_axe_finds_by_the_criteria_of_the_rgaa_what_cannot_be_read(tmp_path: Path, chromium: str) -> None:
    project = render("base", {"project_slug": "demande", "package_name": "demande_regardee"}, tmp_path)
    page = project / "src/demande_regardee/pages/request.html"
    page.parent.mkdir()
    page.write_text(
        '{% extends "page.html" %}{% block before %}<img src="data:,"><div role="checkbox">x</div>{% endblock %}',
        encoding="utf-8",
    )

    checked = check_project(project, Texts("fr"), chromium=chromium)

    found = {finding.details.get("rule"): finding for finding in checked.findings if finding.severity == "error"}
    assert "not-looked" not in {finding.code for finding in checked.findings}
    assert {"image-alt", "aria-required-attr"} <= set(found)
    assert found["image-alt"].where.endswith(" · request")
    said = told(found["image-alt"], Texts("fr"))
    assert french_rules()["image-alt"].help in said.what
    assert "RGAA 1.1.1" in said.what
    assert "img" in said.mend


def test_a_fault_seen_several_times_is_told_once_with_where_alone_it_was_seen() -> None:
    addresses = [Address("/fr/case/1/a", "/fr · a")]
    seen = [
        Seen(path="/fr/case/1/a", mode=mode, width=width, violations=(LABEL,) if mode == "dark" else ())
        for mode in ("light", "dark")
        for width in (320, 1280)
    ]

    (found,) = check_seen(Looked(seen=seen, stopped=None), addresses, "en")

    assert found.where == "/fr · a (dark)"
    assert told(found, Texts("en")).what == "Form elements must have labels (RGAA 11.1.1; axe: label)"


def test_a_browser_that_stops_or_cannot_look_is_a_warning_and_no_error() -> None:
    seen = [Seen(path="/fr", mode="light", width=320, failed="TypeError")]

    found = list(check_seen(Looked(seen=seen, stopped="> 30 s"), [Address("/fr", "/fr")], "fr"))

    assert [(each.severity, each.where) for each in found] == [("warning", "/fr"), ("warning", "Chromium")]


def test_a_browser_that_ends_at_once_says_its_last_words(tmp_path: Path) -> None:
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\necho no display >&2\nexit 3\n", encoding="utf-8")
    program.chmod(0o755)

    assert browse(str(program), "http://127.0.0.1:9/", until=threading.Event(), timeout_s=20) == "no display"


def test_a_browser_that_hangs_is_ended(tmp_path: Path) -> None:
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\nexec sleep 600\n", encoding="utf-8")
    program.chmod(0o755)

    assert browse(str(program), "http://127.0.0.1:9/", until=threading.Event(), timeout_s=0.5) == "> 0 s"


def test_the_environment_names_a_browser_or_hides_the_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "nothing"))

    assert find_chromium() is None
