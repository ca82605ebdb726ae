"""Every template baked with its defaults, once a session."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from labkit.scaffold.render import render
from tests.templates.baking import Bake


@pytest.fixture(scope="session")
def bake(tmp_path_factory: pytest.TempPathFactory) -> Bake:
    """Render a template, or return what was rendered before with the same answers."""
    baked: dict[tuple[object, ...], Path] = {}

    def rendered(name: str, answers: Mapping[str, str] | None = None) -> Path:
        key = (name, *sorted((answers or {}).items()))
        if key not in baked:
            baked[key] = render(name, answers or {}, tmp_path_factory.mktemp("baked"))
        return baked[key]

    return rendered
