"""The door to cookiecutter, which takes a third of a second to import: only what renders something waits for it.

It is called below its command line, so nothing of the user's home is read or written.
"""

import logging
from collections.abc import Mapping
from pathlib import Path


def fill(text: str, answers: Mapping[str, object]) -> str:
    """Return a text of a `cookiecutter.json` with the answers filled in."""
    # Imported here for the reason above.
    from cookiecutter.utils import create_env_with_context  # type: ignore[import-untyped]  # noqa: PLC0415

    return str(create_env_with_context({"cookiecutter": {}}).from_string(text).render(cookiecutter=answers))


def cut(template: Path, context: Mapping[str, object], into: Path) -> Path:
    """Render one template alone, its hooks included; return the project's folder."""
    # Imported here for the reason above.
    from cookiecutter.generate import generate_files  # type: ignore[import-untyped]  # noqa: PLC0415

    # A hook that refuses has said why; cookiecutter would log a traceback below it.
    logging.getLogger("cookiecutter").addHandler(logging.NullHandler())
    return Path(generate_files(template, {"cookiecutter": dict(context)}, into))
