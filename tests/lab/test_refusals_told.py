"""What the OpenAPI document says of refusals, against the decisions themselves: their source is read."""

import ast
import inspect
import re
from collections.abc import Iterator

import pytest

from labkit.contract.refusing import refusals_of
from ledger.domain import contacts, decisions, errors, guards, registration
from ledger.domain.citizen import personal_fields
from ledger.domain.commands import COMMANDS, CaseCommand, Command, OpenCase

FUNCTIONS = {
    part.name: part
    for room in (contacts, decisions, guards, registration)
    for part in ast.parse(inspect.getsource(room)).body
    if isinstance(part, ast.FunctionDef)
}


def raised_in(name: str) -> Iterator[str]:
    """Return the codes of all that a function may raise, itself or through what it calls."""
    for node in ast.walk(FUNCTIONS[name]):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found = getattr(errors, node.func.id, None)
            if found is not None:
                yield found.code
            elif node.func.id in FUNCTIONS:
                yield from raised_in(node.func.id)


@pytest.mark.parametrize("kind", COMMANDS)
def test_a_command_is_told_with_every_rule_that_may_refuse_it(kind: type[Command]) -> None:
    decision = re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
    found = {"occurred-in-the-future", "command-id-reused", *raised_in(decision)}
    if issubclass(kind, CaseCommand) and kind is not OpenCase:
        found.add("unknown-case")
    if personal_fields(kind):
        found.add("citizen-is-forgotten")

    assert set(refusals_of(kind)) == found
    assert len(refusals_of(kind)) == len(found)
