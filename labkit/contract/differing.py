"""What became of one JSON Schema, and whom it breaks: those who read what it describes, or those who send it.

Who reads is hurt by what may come that could not come before, but for what was announced: new optional fields and new
words. Who sends is hurt by what is refused that was taken before. What no rule names (titles, examples) breaks nobody.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from msgspec import Struct

DEPTH_MAX = 40
Schema = Mapping[str, Any]


class Side(Enum):
    """On which side of a schema the others are."""

    READING = "reading"
    SENDING = "sending"


class Rule(Struct, frozen=True):
    """What a kind of change is called, and whom it breaks."""

    text: str
    breaks: frozenset[Side]


class Change(Struct, frozen=True):
    """One change: what it is called, where it is, and whether it breaks anybody."""

    text: str
    where: str
    breaking: bool
    details: dict[str, str]


_NOBODY: frozenset[Side] = frozenset()
_READERS = frozenset({Side.READING})
_SENDERS = frozenset({Side.SENDING})
_EVERYBODY = _READERS | _SENDERS

FIELD_REMOVED = Rule("contract-change.field-removed", _EVERYBODY)
FIELD_ADDED = Rule("contract-change.field-added", _NOBODY)
REQUIRED_FIELD_ADDED = Rule("contract-change.required-field-added", _SENDERS)
NOW_REQUIRED = Rule("contract-change.now-required", _SENDERS)
NOW_OPTIONAL = Rule("contract-change.now-optional", _READERS)
TYPE_CHANGED = Rule("contract-change.type-changed", _EVERYBODY)
TYPE_WIDENED = Rule("contract-change.type-widened", _READERS)
TYPE_NARROWED = Rule("contract-change.type-narrowed", _SENDERS)
WORD_ADDED = Rule("contract-change.word-added", _NOBODY)
WORD_REMOVED = Rule("contract-change.word-removed", _SENDERS)
CHOICE_ADDED = Rule("contract-change.choice-added", _NOBODY)
CHOICE_REMOVED = Rule("contract-change.choice-removed", _SENDERS)
VALUE_CHANGED = Rule("contract-change.value-changed", _EVERYBODY)
WIDENED = Rule("contract-change.widened", _READERS)
NARROWED = Rule("contract-change.narrowed", _SENDERS)
DEFAULT_CHANGED = Rule("contract-change.default-changed", _SENDERS)
OPENED = Rule("contract-change.opened", _NOBODY)
CLOSED = Rule("contract-change.closed", _SENDERS)

_AT_MOST = ("maxLength", "maxItems", "maxProperties", "maximum")
_AT_LEAST = ("minLength", "minItems", "minProperties", "minimum")
_FORMS = ("pattern", "format")
_BELOW = ("items", "propertyNames")


def changed(rule: Rule, where: str, side: Side, **details: object) -> Change:
    """Return a change as a rule judges it."""
    told = {name: str(value) for name, value in details.items()}
    return Change(rule.text, where, side in rule.breaks, told)


class Differing(Struct, frozen=True):
    """Two documents whose schemas are compared, and on which side of them the others are."""

    old: Mapping[str, Any]
    new: Mapping[str, Any]
    side: Side

    def schemas(self, old: Schema, new: Schema, where: str, depth: int = 0) -> Iterator[Change]:
        """Yield what became of one schema, and of all that it is made of."""
        old, new = _meant(old, self.old), _meant(new, self.new)
        if depth > DEPTH_MAX:
            return
        types_before, types_now = _types(old, self.old), _types(new, self.new)
        if types_before != types_now:
            yield self._change(_of_types(types_before, types_now), where, before=_named(old), now=_named(new))
            if not types_before & types_now:
                return
        yield from self._default(old, new, where)
        old, new = _unless_null(old, self.old), _unless_null(new, self.new)
        if _choices_of(old, self.old) or _choices_of(new, self.new):
            yield from self._choices(old, new, where, depth)
            return
        yield from self._values(old, new, where)
        yield from self._bounds(old, new, where)
        yield from self._fields(old, new, where, depth)
        for keyword in _BELOW:
            if keyword in old and keyword in new:
                yield from self.schemas(old[keyword], new[keyword], f"{where}[]", depth + 1)

    def _change(self, rule: Rule, where: str, **details: object) -> Change:
        return changed(rule, where, self.side, **details)

    def _default(self, old: Schema, new: Schema, where: str) -> Iterator[Change]:
        # Only who sends leaves things out, to be understood as they were.
        if self.side is Side.SENDING and "default" in old and old["default"] != new.get("default"):
            yield self._change(DEFAULT_CHANGED, where, before=old["default"], now=_shown(new.get("default")))

    def _values(self, old: Schema, new: Schema, where: str) -> Iterator[Change]:
        before, now = _words(old), _words(new)
        if before is None or now is None:
            if before is not now:
                rule = NARROWED if before is None else WIDENED
                yield self._change(rule, where, what="enum", before=_shown(before), now=_shown(now))
        elif len(before) == len(now) == 1 and before != now:
            yield self._change(VALUE_CHANGED, where, before=_shown(before), now=_shown(now))
        else:
            yield from (self._change(WORD_ADDED, where, word=word) for word in now if word not in before)
            yield from (self._change(WORD_REMOVED, where, word=word) for word in before if word not in now)

    def _bounds(self, old: Schema, new: Schema, where: str) -> Iterator[Change]:
        for keyword in (*_AT_MOST, *_AT_LEAST, *_FORMS):
            before, now = old.get(keyword), new.get(keyword)
            if before != now:
                rule = _of_bounds(keyword, before, now)
                yield self._change(rule, where, what=keyword, before=_shown(before), now=_shown(now))

    def _fields(self, old: Schema, new: Schema, where: str, depth: int) -> Iterator[Change]:
        before, now = old.get("properties", {}), new.get("properties", {})
        needed_before, needed_now = set(old.get("required", ())), set(new.get("required", ()))
        for name in before.keys() - now.keys():
            yield self._change(FIELD_REMOVED, where, name=name)
        for name in now.keys() - before.keys():
            yield self._change(REQUIRED_FIELD_ADDED if name in needed_now else FIELD_ADDED, where, name=name)
        for name in before.keys() & now.keys():
            if (name in needed_before) != (name in needed_now):
                yield self._change(NOW_REQUIRED if name in needed_now else NOW_OPTIONAL, where, name=name)
            yield from self.schemas(before[name], now[name], f"{where}.{name}", depth + 1)
        open_before, open_now = (one.get("additionalProperties", True) for one in (old, new))
        if isinstance(open_before, Mapping) and isinstance(open_now, Mapping):
            yield from self.schemas(open_before, open_now, f"{where}.*", depth + 1)
        elif open_before != open_now:
            yield self._change(CLOSED if open_before is True else OPENED, where)

    def _choices(self, old: Schema, new: Schema, where: str, depth: int) -> Iterator[Change]:
        before = _choices_of(old, self.old) or {_named(old): old}
        now = _choices_of(new, self.new) or {_named(new): new}
        added, removed = (
            {name for name in some.keys() - others.keys() if "properties" in some[name]}
            for some, others in ((now, before), (before, now))
        )
        yield from (self._change(CHOICE_ADDED, where, name=name) for name in added)
        yield from (self._change(CHOICE_REMOVED, where, name=name) for name in removed)
        for name in before.keys() & now.keys():
            yield from self.schemas(before[name], now[name], f"{where}({name})", depth + 1)


def _meant(schema: Schema, document: Mapping[str, Any]) -> Schema:
    """Return what a schema comes to: its references followed, its parts put together."""
    found = dict(schema)
    for _ in range(DEPTH_MAX):
        if "$ref" not in found:
            break
        referred: Any = document
        for step in found.pop("$ref").removeprefix("#/").split("/"):
            referred = referred[step]
        found = {**referred, **found}
    for part in found.pop("allOf", ()):
        meant = _meant(part, document)
        properties = {**found.get("properties", {})}
        for name, shape in meant.get("properties", {}).items():
            properties[name] = {**properties.get(name, {}), **shape}
        required = [*found.get("required", ()), *meant.get("required", ())]
        found = {**found, **meant, "properties": properties, "required": required}
    return found


def _choices_of(schema: Schema, document: Mapping[str, Any]) -> dict[str, Schema]:
    found: dict[str, Schema] = {}
    for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        meant = _meant(one, document)
        inside = _choices_of(meant, document)
        found |= inside or {_named(meant): meant}
    return found


def _unless_null(schema: Schema, document: Mapping[str, Any]) -> Schema:
    """Return what stands there when it is there, if that is one thing."""
    told = [one for name, one in _choices_of(schema, document).items() if name != "null"]
    return told[0] if len(told) == 1 else schema


def _types(schema: Schema, document: Mapping[str, Any]) -> frozenset[str]:
    """Return the types of what may stand there; none is any."""
    if choices := _choices_of(schema, document):
        return frozenset().union(*(_types(one, document) for one in choices.values()))
    told = schema.get("type")
    if told is None and (words := _words(schema)):
        return frozenset({"string" if isinstance(word, str) else type(word).__name__ for word in words})
    return frozenset([told] if isinstance(told, str) else told or ())


def _words(schema: Schema) -> list[Any] | None:
    words: list[Any] | None = [schema["const"]] if "const" in schema else schema.get("enum")
    return words


def _named(schema: Schema) -> str:
    told = schema.get("title") or schema.get("type") or ("enum" if "enum" in schema else "anyOf")
    return told if isinstance(told, str) else " | ".join(told)


def _of_types(before: frozenset[str], now: frozenset[str]) -> Rule:
    wide_before, wide_now = (types | {"integer"} if "number" in types else types for types in (before, now))
    # A schema without any type takes all of them.
    if not now or (before and wide_before < wide_now):
        return TYPE_WIDENED
    return TYPE_NARROWED if not before or wide_now < wide_before else TYPE_CHANGED


def _of_bounds(keyword: str, before: Any, now: Any) -> Rule:  # noqa: ANN401  # a number, or a text
    if before is None or now is None:
        return NARROWED if before is None else WIDENED
    if keyword in _FORMS:
        return VALUE_CHANGED  # Which of two patterns allows more, nobody can tell.
    return WIDENED if (now > before) == (keyword in _AT_MOST) else NARROWED


def _shown(value: object) -> str:
    return "–" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
