"""One more item, import or definition in code that people wrote: what they wrote stays, and their formatter agrees."""

import subprocess
import sys
from pathlib import Path

import pytest

from labkit.scaffold.additions.declaration import calls_in, with_item
from labkit.scaffold.additions.definitions import with_aliases
from labkit.scaffold.additions.failures import BadName, BeyondRecognition
from labkit.scaffold.additions.fields import KINDS, read_field
from labkit.scaffold.additions.imports import with_names
from labkit.scaffold.additions.layout import Term
from labkit.scaffold.additions.names import read_name
from labkit.scaffold.additions.places import Code
from labkit.scaffold.additions.tables import with_answers

WIDTH = 110
PAGE = Term("Page", ('"new"', "New"))

ONE_LINE = 'SERVICE = Service(pages=(Page("a", A),), rules=(follow,))\n'
TYPED = 'SERVICE: Service = Service(\n    pages=(Page("a", A),),\n)\n'
SHORT = 'SERVICE = Service(\n    pages=(Page("a", A), Page("b", B)),\n    rules=(follow,),\n)\n'
OPEN = 'SERVICE = Service(\n    pages=(\n        Page("a", A),  # first, « étape »\n        Page("b", B),\n    ),\n)\n'
EMPTY = "SERVICE = Service(\n    pages=(),\n)\n"
COMMENTS = "SERVICE = Service(\n    pages=(\n        # None yet.\n    ),\n)\n"
LAST = 'SERVICE = Service(\n    pages=(\n        Page("a", A),\n        # Between us.\n        Page("b", B)\n    )\n)\n'
WRITTEN = [ONE_LINE, TYPED, SHORT, OPEN, EMPTY, COMMENTS]


def code(text: str) -> Code:
    return Code(text, file="service.py", by_hand="it")


def formatted(text: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--line-length", str(WIDTH), "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True, timeout=60).stdout


def sorted_imports(text: str, folder: Path) -> bool:
    """Ask ruff, in a folder where neither `labkit` nor `own` can be found."""
    own = 'lint.isort.known-first-party=["own"]'
    options = ["--isolated", "--no-cache", "--select", "I", "--line-length", str(WIDTH), "--config", own]
    command = [sys.executable, "-m", "ruff", "check", *options, "-"]
    done = subprocess.run(command, input=text, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode == 0


@pytest.mark.parametrize("text", [*WRITTEN, LAST])
@pytest.mark.parametrize("keyword", ["pages", "desk", "measures"])
def test_an_item_is_put_at_the_end_and_nothing_else_changes(text: str, keyword: str) -> None:
    item = '"new": new' if keyword == "measures" else PAGE

    added = with_item(code(text), keyword, item, width=WIDTH)

    if text != LAST:  # What was not formatted before need not be after.
        assert formatted(added) == added
    kept = [line.strip().rstrip(",") for line in text.splitlines() if "#" in line or line.strip().startswith("Page")]
    assert all(line in added for line in kept)
    assert ("new" in calls_in(code(added), keyword)) == (keyword != "measures")


@pytest.mark.parametrize("text", [text for text in (*WRITTEN, LAST) if '"a"' in text])
def test_an_item_is_put_after_another(text: str) -> None:
    parsed = code(text)

    added = with_item(parsed, "pages", PAGE, width=WIDTH, after=calls_in(parsed, "pages")["a"])

    assert list(calls_in(code(added), "pages"))[:2] == ["a", "new"]


@pytest.mark.parametrize(
    "text",
    [
        "OTHER = Service(pages=())\n",
        "SERVICE = service\n",
        "SERVICE = Service(pages=[])\n",
        "SERVICE = Service(\n    pages=PAGES,\n)\n",
        'SERVICE = Service(\n    pages=(\n        Page("a", A), Page("b", B),\n    ),\n); other()\n',
        "SERVICE = Service(\n",
    ],
)
def test_what_is_declared_otherwise_is_left_alone(text: str) -> None:
    with pytest.raises(BeyondRecognition):
        parsed = code(text)
        with_item(parsed, "pages", PAGE, width=WIDTH, after=calls_in(parsed, "pages").get("a"))


@pytest.mark.parametrize(
    "text",
    [
        '"""Events."""\n',
        '"""Events."""\n\nfrom typing import Literal\n',
        '"""Events."""\n\nfrom labkit.prototype import Email, ServiceEvent\nfrom msgspec import Meta  # bounds\n',
        '"""Events."""\n\nimport re\nfrom datetime import date\n\nimport labkit\n\nfrom own.events import A\n',
        "from __future__ import annotations\n\nfrom labkit.prototype import (\n    Email,\n    ServiceEvent,\n)\n",
        '"""É."""\n\nfrom labkit.prototype import Page, Service  # « à jour »\n\nfrom own.zebra import zebra\n',
    ],
)
@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("labkit.prototype", ["Personal", "PersonalLines"]),
        ("typing", ["Annotated", "Literal"]),
        ("own.rules", ["follow", "BAND", "Band"]),
        ("msgspec", ["Meta"]),
        ("datetime", ["date"]),
    ],
)
def test_an_import_is_put_where_the_linter_wants_it(text: str, module: str, names: list[str], tmp_path: Path) -> None:
    added = with_names(code(text), module, names, package="own", width=WIDTH)

    assert sorted_imports(added, tmp_path), added
    assert with_names(code(added), module, names, package="own", width=WIDTH) == added


def test_an_alias_stands_before_the_types() -> None:
    text = (
        '"""É."""\n\nfrom typing import Literal\n\nDay = Literal["monday"]  # « lundi »\n\n\nclass A:\n    """A."""\n'
    )

    added = with_aliases(code(text), ['Meal = Literal["lunch"]'])

    assert added == text.replace("« lundi »\n", '« lundi »\nMeal = Literal["lunch"]\n')
    assert formatted(added) == added


@pytest.mark.parametrize("typed", ["ALLERGY-SEEN", "AllergySeen", "allergy_seen", "allergy seen", "Allergy-Seen.v1"])
def test_a_name_may_be_typed_in_many_ways(typed: str) -> None:
    name = read_name(typed)

    assert (name.stem, name.type_name, name.variable) == ("allergy-seen", "AllergySeen", "allergy_seen")


@pytest.mark.parametrize("typed", ["", "-", "2-times", "class", "日本", "a" * 41])
def test_what_cannot_be_a_name_is_refused(typed: str) -> None:
    with pytest.raises(BadName):
        read_name(typed)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_question_can_be_a_field_public_or_personal(kind: str) -> None:
    codes = "=one,two" if kind.startswith("choice") else ""

    for marks in ("", ":personal", ":personal:optional"):
        field = read_field(f"what:{kind}{codes}{marks}")
        assert field.personal == bool(marks or kind in ("email", "phone"))
        assert ("Personal" in str(field.type_source()) or '"personal": True' in str(field.type_source())) == (
            field.personal and kind not in ("email", "phone")
        )


def test_answers_go_to_their_persona_and_the_comments_stay() -> None:
    text = '# People\n\n[a]\nname = "A"\nabout.fr = "[b]"\n\n# The second\n[b]\nname = "B"\n'

    added = with_answers(text, "a", "[a.answers.x]\ny = 1\n", file="personas.toml")

    assert added == text.replace("\n\n# The second", "\n\n[a.answers.x]\ny = 1\n\n# The second")


@pytest.mark.parametrize("sign", ["\u2028", "\x0c", "\x85"])
def test_a_sign_that_ends_a_line_elsewhere_moves_nothing(sign: str) -> None:
    head = f'TITLE = "a{sign}b"\n'

    assert with_item(code(head + OPEN), "pages", PAGE, width=WIDTH) == head + with_item(
        code(OPEN), "pages", PAGE, width=WIDTH
    )
