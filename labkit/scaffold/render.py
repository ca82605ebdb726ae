"""One template rendered into a pristine tree by cookiecutter: offline, and the same bytes for the same answers.

Layers are composed in this process, by the function of the hook that plain cookiecutter runs; a test holds that both
give the same tree. Nothing of the user's home is read or written.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from runpy import run_path

from labkit.scaffold.answers import ANSWERS_FILE, Answers, write_answers
from labkit.scaffold.catalogue import TEMPLATES, Template, find_template
from labkit.scaffold.cutter import cut, fill
from labkit.scaffold.failures import RenderingFailed
from labkit.scaffold.kit import version
from labkit.scaffold.questions import checked, completed


def render(template: str, answers: Mapping[str, str], into: Path, *, root: Path = TEMPLATES) -> Path:
    """Return the folder of a new project inside another; questions without an answer get their default.

    Raises:
        UnknownTemplate, NewerTemplate, UnknownAnswer, BadAnswer: what was asked for cannot be.
        RenderingFailed: the template is broken, or the disk takes no more.
    """
    found = find_template(template, root)
    complete = checked(found, completed(found, checked(found, answers)))
    try:
        project = _rendered(found, _context(found, complete, into), into / complete["project_slug"])
        if not (project / ANSWERS_FILE).exists():
            # A template without layers does not keep its answers, and an update needs them.
            write_answers(project / ANSWERS_FILE, Answers(template, version(), complete))
    except Exception as error:
        # Templates fail in as many ways as Jinja, cookiecutter, a hook and the disk together.
        raise RenderingFailed(template=template, reason=f"{type(error).__name__}: {error}") from error
    return project


def _rendered(template: Template, context: dict[str, object], project: Path) -> Path:
    if template.layers is None:
        return cut(template.folder, context, project.parent)
    compose = run_path(str(template.folder / "hooks" / "post_gen_project.py"))["compose"]
    compose(template.folder, context, project)
    return project


def _context(template: Template, answers: Mapping[str, str], into: Path) -> dict[str, object]:
    """Return what cookiecutter itself would hand to the template."""
    asked = json.loads((template.folder / "cookiecutter.json").read_text(encoding="utf-8"))
    place = {"_template": str(template.folder), "_repo_dir": str(template.folder), "_output_dir": str(into.resolve())}
    context: dict[str, object] = {**answers, **place, "_checkout": None}
    for name, value in asked.items():
        if name.startswith("__") and isinstance(value, str):
            context[name] = fill(value, context)
        elif name.startswith("_") and name != "__prompts__":
            context[name] = value
    return context
