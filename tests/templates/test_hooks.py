"""Every layered template has the same hooks, byte for byte: those of the base."""

from pathlib import Path

import pytest

from labkit.scaffold.catalogue import templates

KNOWN = templates()
HOOKS = ("pre_gen_project.py", "post_gen_project.py")


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("name", sorted(name for name, template in KNOWN.items() if template.layers is not None))
def test_a_layered_template_has_the_hooks_of_the_base(name: str, hook: str) -> None:
    own, base = (KNOWN[one].folder / "hooks" / hook for one in (name, "base"))

    assert own.read_bytes() == base.read_bytes(), f"run: cp {_short(base)} {_short(own)}"


@pytest.mark.parametrize("name", sorted(name for name, template in KNOWN.items() if template.layers is not None))
def test_a_layered_template_has_no_other_hook(name: str) -> None:
    assert {file.name for file in (KNOWN[name].folder / "hooks").glob("*.py")} == set(HOOKS)


def _short(file: Path) -> str:
    return str(file.relative_to(KNOWN["base"].folder.parents[1]))
