"""`labkit add event`: a struct in `events.py`, its place in `SERVICE`, its words, and a test."""

from collections.abc import Iterable, Sequence
from datetime import date

from labkit.scaffold.additions.declaration import named_in, with_item
from labkit.scaffold.additions.definitions import defined_in, events_in, with_aliases, with_definition
from labkit.scaffold.additions.drafts import Drafts
from labkit.scaffold.additions.failures import NameTaken
from labkit.scaffold.additions.fields import TYPE_NAMES, Field, in_python
from labkit.scaffold.additions.imports import with_names
from labkit.scaffold.additions.layout import INDENT, WIDTH_DEFAULT, Term, exploded, laid_out
from labkit.scaffold.additions.names import Name
from labkit.scaffold.additions.places import Code
from labkit.scaffold.additions.tables import header_of, read_tables, table, with_table
from labkit.scaffold.additions.words import event_words

_KIT = "labkit.prototype"
_TEST = '''\
"""What is kept of “{title}” once it has happened."""

{dates}from labkit.prototype.trying import Trial
from ledger.domain.vocabulary import Channel

from {package}.events import {event}


def test_{variable}_is_told_as_it_happened(trial: Trial) -> None:
    happened = {sample}

    case = trial.cases.record(trial.begin().id, happened, Channel.INTERNAL)

    assert case.latest({event}) == happened
'''


def add_event(drafts: Drafts, name: Name, fields: Sequence[Field]) -> None:
    """Add an event that no page asks for: a rule, an agent or another system tells of it.

    Raises:
        BeyondRecognition, NameTaken: the project cannot be edited so.
    """
    declare_event(drafts, name, fields)
    offer_event(drafts, event_type(drafts, name))
    test = _TEST.format(
        title=name.title,
        dates="from datetime import date\n\n" if any(isinstance(field.sample(), date) for field in fields) else "",
        package=drafts.package,
        event=event_type(drafts, name),
        variable=name.variable,
        sample=_sample(event_type(drafts, name), fields),
    )
    drafts.create(f"tests/test_{name.variable}.py", test)


def declare_event(drafts: Drafts, name: Name, fields: Sequence[Field], *, title: str | None = None) -> None:
    """Add the struct of an event, unless there is one of its name, and its words; its title is its name, or another."""
    path = drafts.own("events.py")
    code = events_code(drafts, by_hand=f"class {name.type_name}")
    if name.stem not in events_in(code):
        if name.type_name in defined_in(code).keys() | TYPE_NAMES:
            raise NameTaken(name=name.type_name, file=path)
        drafts.change(path, _with_struct(drafts, code, name, fields))
    for language in drafts.project.languages:
        words = event_words(title or name.title, fields, language)
        put_words(drafts, language, name.stem, table(header_of(name.stem), words))


def put_words(drafts: Drafts, language: str, stem: str, block: str) -> None:
    """Add a table of words in one language, unless there is one of its name."""
    path = drafts.own(f"texts/{language}.toml")
    if stem not in read_tables(drafts.read(path), file=path, by_hand=block.strip()):
        drafts.change(path, with_table(drafts.read(path), block))


def offer_event(drafts: Drafts, event: str) -> None:
    """Let the service know an event, unless it speaks of it already."""
    path, by_hand = drafts.own("service.py"), f"{event}, in events=(…)"
    code = Code(drafts.read(path), file=path, by_hand=by_hand)
    if event not in named_in(code):
        drafts.change(path, with_item(code, "events", event, width=drafts.width))
        import_into(drafts, "service.py", f"{drafts.package}.events", [event])


def import_into(drafts: Drafts, module: str, source: str, names: Iterable[str]) -> None:
    """Let a module of the project import some names."""
    path, wanted = drafts.own(module), sorted(names)
    code = Code(drafts.read(path), file=path, by_hand=f"from {source} import {', '.join(wanted)}")
    drafts.change(path, with_names(code, source, wanted, package=drafts.package, width=drafts.width))


def events_code(drafts: Drafts, *, by_hand: str) -> Code:
    """Return the module of the events."""
    path = drafts.own("events.py")
    return Code(drafts.read(path), file=path, by_hand=by_hand)


def event_type(drafts: Drafts, name: Name) -> str:
    """Return what the type of an event is called, which may be another name than ours."""
    return events_in(events_code(drafts, by_hand=name.type_name)).get(name.stem, name.type_name)


def _with_struct(drafts: Drafts, code: Code, name: Name, fields: Sequence[Field]) -> str:
    aliases, types = _types(code, name, fields, drafts.width)
    text = with_definition(with_aliases(code, aliases), _struct(name, fields, types, drafts.width))
    needed: dict[str, set[str]] = {_KIT: {"ServiceEvent"}}
    for field in fields:
        for module, names in field.imports().items():
            needed.setdefault(module, set()).update(names)
    for module, names in needed.items():
        known = Code(text, file=code.file, by_hand=code.by_hand)
        text = with_names(known, module, names, package=drafts.package, width=drafts.width)
    return text


def _types(code: Code, name: Name, fields: Sequence[Field], width: int) -> tuple[list[str], list[str]]:
    """Return aliases to add, and the type of each field: a type with details gets a name of its own."""
    taken, aliases, types = TYPE_NAMES | defined_in(code).keys(), [], []
    for field in fields:
        source = field.type_source()
        if str(source).isidentifier():
            types.append(str(source))
            continue
        alias = field.name.type_name
        alias = f"{name.type_name}{alias}" if alias in taken | {name.type_name} else alias
        taken |= {alias}
        aliases.append(laid_out(source, width, before=f"{alias} = "))
        types.append(alias)
    return aliases, types


def _struct(name: Name, fields: Sequence[Field], types: Sequence[str], width: int) -> str:
    bases = ("ServiceEvent", "frozen=True", "kw_only=True", f'tag="{name.stem}.v1"')
    lines = [
        f"{INDENT}{field.name.variable}: {kind}{' | None = None' if field.optional else ''}"
        for field, kind in zip(fields, types, strict=True)
    ]
    head = laid_out(Term(f"class {name.type_name}", bases), width, after=":")
    return "\n".join([head, f'{INDENT}"""{name.title}."""', *([""] if lines else []), *lines])


def _sample(event: str, fields: Sequence[Field]) -> str:
    given = tuple(
        f"{field.name.variable}={in_python(sample)}" for field in fields if (sample := field.sample()) is not None
    )
    call = Term(event, given)
    return exploded(call, WIDTH_DEFAULT, indent=INDENT) if given else str(call)
