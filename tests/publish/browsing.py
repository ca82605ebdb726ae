"""Browsers of a prototype that has a gate before it, or a recorder beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from litestar.testing import TestClient

from labkit.prototype.app import create_prototype
from labkit.prototype.gate import Gate
from labkit.prototype.passwords import Passwords
from labkit.prototype.recording import Recorder
from labkit.prototype.trying import Trial

BASE = "http://127.0.0.1"


@contextmanager
def guarded(trial: Trial, passwords: Passwords, *, required: bool = False) -> Iterator[TestClient[Any]]:
    """A browser before the gate of a prototype."""
    gate = Gate(trial.prototype, passwords, required=required)
    app = gate.before(create_prototype(trial.prototype, also=gate.routes()))
    with TestClient(app, base_url=BASE) as browser:
        yield browser


@contextmanager
def recorded(trial: Trial, file: Path) -> Iterator[Trial]:
    """The same prototype with a recorder beside it, its cases and its browser."""
    recorder = Recorder(file, trial.prototype)
    with TestClient(recorder.beside(create_prototype(trial.prototype)), base_url=BASE) as browser:
        yield Trial(trial.prototype, browser)
    recorder.close()
