"""Put this template on the layers that it needs: a higher layer's file wins, and what somebody edited stays.

The same bytes in every layered template: plain cookiecutter has nothing but this file; `labkit new` calls `compose`.
"""

import json
import shutil
import tempfile
from pathlib import Path

from cookiecutter.generate import generate_files

# cookiecutter fills this in while it stands in the template's folder: no variable of its own names it reliably.
GIVEN = r"""{{ {"answers": cookiecutter, "template": lipsum.__globals__.os.getcwd()} | jsonify }}"""
RENDERING = ("_copy_without_render", "_extensions", "_jinja2_env_vars", "_new_lines")


def layers(template, answers):
    """Return the layers of a project, lowest first: base, channels, then what rests on them."""
    channels = (f"channel-{name.strip()}" for name in answers["channels"].split(","))
    names = dict.fromkeys([*answers["_layers"], *channels, template.name])
    return sorted(names, key=lambda name: (name != "base") + (not name.startswith(("base", "channel-"))))


def render(layer, answers, folder):
    """Render one layer alone: the answers are shared, how files are rendered is each layer's own matter."""
    settings = json.loads((layer / "cookiecutter.json").read_text(encoding="utf-8"))
    context = {key: value for key, value in answers.items() if key not in RENDERING}
    context |= {key: settings[key] for key in RENDERING if key in settings}
    return generate_files(layer, {"cookiecutter": context}, folder, accept_hooks=False)


def compose(template, answers, project):
    """Write every file of every layer into the project."""
    # cookiecutter calls `_template` whatever was typed; the project's own answers keep the template's name.
    named = {**answers, "_template": template.name}
    with tempfile.TemporaryDirectory() as folder:
        whole, own = Path(folder, "whole"), Path(render(template, answers, Path(folder, "own")))
        for name in layers(template, answers):
            shutil.copytree(render(template.parent / name, named, Path(folder, name)), whole, dirs_exist_ok=True)
        for file in (path.relative_to(whole) for path in whole.rglob("*") if path.is_file()):
            target, rendered = project / file, own / file
            if not target.exists() or (rendered.exists() and target.read_bytes() == rendered.read_bytes()):
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(whole / file, target)


if __name__ == "__main__":
    given = json.loads(GIVEN)
    compose(Path(given["template"]), given["answers"], Path.cwd())
