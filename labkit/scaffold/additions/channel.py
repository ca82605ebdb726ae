"""`labkit add channel`: the kit's layer of a channel, rendered with the project's own answers onto the project.

What is there stays as it is. The answers take note of the channel, so that updates know of it.
"""

from pathlib import Path
from runpy import run_path
from tempfile import TemporaryDirectory

import tomlkit

from labkit.scaffold.additions.drafts import Drafts
from labkit.scaffold.additions.failures import UnknownChannel
from labkit.scaffold.answers import ANSWERS_FILE, read_answers
from labkit.scaffold.catalogue import Template, channels_beside, find_template
from labkit.scaffold.questions import channel_name, completed, normal


def add_channel(drafts: Drafts, asked: str) -> None:
    """Add a channel, by the name of its template or by its code.

    Raises:
        UnknownChannel: the kit has none of that name.
        UnreadableFile, BadAnswersFile: the project does not say what it was made from.
    """
    recorded = read_answers(drafts.project.folder / ANSWERS_FILE)
    name = channel_name(asked)
    known = channels_beside(find_template("base"))
    if name not in known:
        raise UnknownChannel(name=asked, known=", ".join(known))
    layer = find_template(f"channel-{name}")
    asked_for = {question.name for question in layer.questions}
    given = {question: answer for question, answer in recorded.answers.items() if question in asked_for}
    with TemporaryDirectory() as folder:
        rendered = _rendered(layer, completed(layer, given), Path(folder))
        for file in sorted(path for path in rendered.rglob("*") if path.is_file()):
            drafts.create(file.relative_to(rendered).as_posix(), file.read_text(encoding="utf-8"))
    _take_note(drafts, name)


def _rendered(layer: Template, answers: dict[str, str], into: Path) -> Path:
    # The function of the hook that composes layers, so that a channel added later is the one of the first day.
    render = run_path(str(layer.folder / "hooks" / "post_gen_project.py"))["render"]
    return Path(render(layer.folder, answers, into))


def _take_note(drafts: Drafts, name: str) -> None:
    path = ANSWERS_FILE.as_posix()
    document = tomlkit.parse(drafts.read(path))
    listed = normal("channels", str(document["answers"].get("channels", "")))
    if name not in listed.split(", "):
        document["answers"]["channels"] = f"{listed}, {name}" if listed else name
        drafts.change(path, tomlkit.dumps(document))
