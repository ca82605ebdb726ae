"""The mobile application in a real browser, where the network goes and the server dies: all of it arrives, once."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from labkit.prototype.cases import Cases
from labkit.prototype.project import Project
from labkit.scaffold.render import render
from ledger.application import CaseLedger
from ledger.domain.events import InteractionRecorded, MobileEntry
from ledger.domain.identifiers import CaseId
from ledger.settings import Settings

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

pytestmark = pytest.mark.timeout(600)


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def test_what_is_written_without_network_arrives_once_and_in_order(node: str, chromium: str, tmp_path: Path) -> None:
    answers = {"project_slug": "repas", "package_name": "repas", "channels": "web, mobile"}
    project, data, port = render("service-cantine", answers, tmp_path), tmp_path / "data", free_port()
    environment = os.environ | {
        "CHROMIUM": chromium,
        "COLLECTIVILAB_DATA": str(data),
        "COLLECTIVILAB_PORT": str(port),
        "PYTHONPATH": str(ROOT),
    }
    base = f"http://127.0.0.1:{port}"

    command = [node, str(HERE / "mobile.mjs"), base, str(tmp_path / "shots"), sys.executable, str(project)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=500)

    assert run.returncode == 0, run.stdout + run.stderr
    *_, cases, summary = run.stdout.strip().splitlines()
    assert summary.endswith(" passed, 0 failed")
    check_the_ledger(project, data, json.loads(cases))


def check_the_ledger(project: Path, data: Path, cases: dict[str, str]) -> None:
    known = Project(project)
    with CaseLedger(Settings(data=data)) as ledger:
        told = Cases(ledger, known.service(), known.offer())
        offline = told.get(CaseId(UUID(cases["offline"])))
        killed = told.get(CaseId(UUID(cases["killed"])))

    assert [moment.name for moment in offline.moments] == [
        *("case-opened.v1", "interaction-recorded.v1", "family-introduced.v1"),
        *("interaction-recorded.v1", "child-enrolled.v1", "days-chosen.v1", "income-declared.v1", "tariff-band-set.v1"),
        *("kitchen-informed.v1", "request-submitted.v1"),
    ]
    assert offlines(offline.contacts()) == [False, True]
    # The telephone opened the second case itself: what was written in the meantime is part of that contact.
    assert [moment.name for moment in killed.moments] == [
        *("case-opened.v1", "interaction-recorded.v1", "family-introduced.v1", "child-enrolled.v1"),
        *("days-chosen.v1", "interaction-recorded.v1"),
    ]
    assert offlines(killed.contacts()) == [True, True]


def offlines(contacts: list[InteractionRecorded]) -> list[bool]:
    return [isinstance(contact.particulars, MobileEntry) and contact.particulars.offline for contact in contacts]
