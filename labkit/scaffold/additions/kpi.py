"""`labkit add kpi`: a pure function over cases, its name among the measures of `SERVICE`, and a test."""

import builtins

from labkit.scaffold.additions.declaration import keys_in, with_item
from labkit.scaffold.additions.definitions import defined_in, with_definition
from labkit.scaffold.additions.drafts import Drafts
from labkit.scaffold.additions.event import import_into
from labkit.scaffold.additions.failures import NameTaken
from labkit.scaffold.additions.layout import string
from labkit.scaffold.additions.names import Name
from labkit.scaffold.additions.places import Code

_DOCSTRING = '"""What is measured of this service: each KPI is a pure function over cases."""\n'
_FUNCTION = '''\
def {variable}(cases: Iterable[ServiceCase]) -> float | None:
    """Return the share of requests begun that were sent; `None` as long as there are none."""
    sent = [case.submitted for case in cases]
    return sum(sent) / len(sent) if sent else None
'''
_TEST = '''\
"""The KPI “{stem}”, counted by hand beside it."""

from labkit.prototype.trying import Trial
from ledger.domain.vocabulary import Channel

from {package}.{module} import {variable}


def test_{variable}_counts_the_requests_that_were_sent(trial: Trial) -> None:
    sent = trial.cases.submit(trial.begin().id, Channel.WEB)
    begun = trial.begin()

    assert {variable}([sent, begun]) == 0.5


def test_{variable}_says_nothing_as_long_as_there_are_no_cases() -> None:
    assert {variable}([]) is None
'''


def add_kpi(drafts: Drafts, name: Name) -> str:
    """Add a KPI, and return the file that it is in: `kpis.py`, or `measures.py` where a template made one.

    Raises:
        BeyondRecognition: the project cannot be edited so.
        NameTaken: the module of the service, or Python itself, knows something else by its name.
    """
    service, module = drafts.own("service.py"), "measures" if drafts.has(drafts.own("measures.py")) else "kpis"
    item = f"{string(name.stem)}: {name.variable}"
    code = Code(drafts.read(service), file=service, by_hand=f"{item}, in measures={{…}}")
    if name.stem not in keys_in(code, "measures"):
        if name.variable in defined_in(code) or hasattr(builtins, name.variable):
            raise NameTaken(name=name.variable, file=service)
        drafts.change(service, with_item(code, "measures", item, width=drafts.width))
        import_into(drafts, "service.py", f"{drafts.package}.{module}", [name.variable])
        _define(drafts, f"{module}.py", name)
    test = _TEST.format(stem=name.stem, variable=name.variable, package=drafts.package, module=module)
    drafts.create(f"tests/test_kpi_{name.variable}.py", test)
    return drafts.own(f"{module}.py")


def _define(drafts: Drafts, module: str, name: Name) -> None:
    path, function = drafts.own(module), _FUNCTION.format(variable=name.variable)
    text = drafts.read(path) or _DOCSTRING
    if name.variable in defined_in(Code(text, file=path, by_hand=function)):
        return
    drafts.change(path, with_definition(text, function))
    import_into(drafts, module, "collections.abc", ["Iterable"])
    import_into(drafts, module, "labkit.prototype", ["ServiceCase"])
