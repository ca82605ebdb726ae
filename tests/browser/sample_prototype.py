"""Bakes a template, serves it with the ledger in memory, and says where, with the answers of its first persona.

Usage: sample_prototype.py TEMPLATE FOLDER; the first line is JSON, and `/told/CASE` says what the ledger holds.
"""

import json
import socket
import sys
from pathlib import Path
from typing import Any

import uvicorn
from litestar import get

from labkit.prototype.app import create_prototype
from labkit.prototype.cases import Cases
from labkit.prototype.events import stem_of
from labkit.prototype.project import Project
from labkit.prototype.questions import field_type, kind_of
from labkit.prototype.service import Page
from labkit.prototype.serving import Asked, Prototype, case_id_of
from labkit.prototype.trying import form_of
from labkit.scaffold.render import render
from ledger.application import CaseLedger
from ledger.settings import Settings


def plan_of(page: Page, answers: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """What a persona answers to each question of a page, with the kind of each."""
    given = form_of(page, answers)
    return [
        {"name": name, "kind": kind_of(field_type(page.event, name)), "value": value} for name, value in given.items()
    ]


def main(template: str, folder: Path) -> None:
    project = Project(render(template, {}, folder))
    with CaseLedger(Settings(data=folder / "data"), in_memory=True) as ledger:
        cases = Cases(ledger, project.service(), project.offer())
        cases.publish()

        @get("/told/{case_id:uuid}", sync_to_thread=False)
        def told(request: Asked) -> dict[str, Any]:
            case = cases.get(case_id_of(request))
            return {
                "names": [moment.name for moment in case.moments],
                "channels": [channel.value for channel in case.channels],
                "submitted": case.submitted,
            }

        app = create_prototype(Prototype(project, cases, data=folder / "data"), also=[told])
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        answers = next(iter(project.personas().values())).answers
        pages = {page.name: plan_of(page, answers) for page in cases.service.pages}
        events = {page.name: stem_of(page.event) for page in cases.service.pages}
        print(json.dumps({"url": f"http://127.0.0.1:{listening.getsockname()[1]}", "pages": pages, "events": events}))
        sys.stdout.flush()
        config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1)
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
