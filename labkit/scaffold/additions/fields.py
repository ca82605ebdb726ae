"""The fields of a new event as they are typed at the command line: `name:kind`, then `:personal` and `:optional`.

`meal:choice=standard,vegetarian` lists what can be chosen. A kind is what `labkit.prototype.questions` calls it.
"""

import re
from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from labkit.scaffold.additions.failures import BadField
from labkit.scaffold.additions.layout import Term, string, strings
from labkit.scaffold.additions.names import Name, read_name

Value = str | int | float | bool | date | list[str]

_KIT, _TYPING, _MSGSPEC = "labkit.prototype", "typing", "msgspec"
_CODE = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
_CODES_MAX = 30
_MARKS = {"personal", "optional"}
# Python would take these for what the struct is made of, or for the types of other fields.
_NOT_FIELDS = {"event", "automatic", "date", "bool", "float", "int", "str", "tuple"}
_PERSONAL = 'Meta(extra={"personal": True})'
_LINES = 'Annotated[str, Meta(min_length=1, max_length=2000, extra={"kind": "lines"})]'
# How a kind is declared, for everybody to read and for few.
_TYPES = {
    "text": ("Line", "Personal"),
    "lines": (_LINES, "PersonalLines"),
    "number": ("int", f"Annotated[int, {_PERSONAL}]"),
    "decimal": ("float", f"Annotated[float, {_PERSONAL}]"),
    "money": ("Money", 'Annotated[Money, Meta(extra={"personal": True, "kind": "money"})]'),
    "date": ("date", "PersonalDate"),
    "yes_no": ("bool", f"Annotated[bool, {_PERSONAL}]"),
    "email": ("Email", "Email"),
    "phone": ("Phone", "Phone"),
    "file": ("Document", 'Annotated[Document, Meta(extra={"personal": True, "kind": "file"})]'),
}
_CHOSEN = ("choice", "choices")
KINDS = (*_TYPES, *_CHOSEN)
_IMPORTED = {
    **dict.fromkeys(("Document", "Email", "Line", "Money", "Personal", "PersonalDate", "PersonalLines", "Phone"), _KIT),
    "Annotated": _TYPING,
    "Literal": _TYPING,
    "Meta": _MSGSPEC,
    "date": "datetime",
}
# A type of the project under one of these names would stand for the kit's own in every event that comes later.
TYPE_NAMES = frozenset(_IMPORTED) | {"ServiceEvent"}
SAMPLES: dict[str, Value] = {
    "text": "Un exemple",
    "lines": "Quelques mots, pour essayer.",
    "number": 2,
    "decimal": 1.5,
    "money": 1250,
    "date": date(2026, 9, 14),
    "yes_no": True,
    "email": "exemple@example.org",
    "phone": "05 59 00 00 00",
}


class Field(Struct, frozen=True, kw_only=True):
    """One field of an event."""

    name: Name
    kind: str
    personal: bool = False
    optional: bool = False
    codes: tuple[str, ...] = ()

    def type_source(self) -> Term | str:
        """Return its type as `events.py` writes it, without `None`."""
        if self.kind not in _CHOSEN:
            return _TYPES[self.kind][self.personal]
        codes: Term | str = Term("Literal", strings(self.codes), "[]")
        if self.kind == "choices":
            codes = Term("tuple", (codes, "..."), "[]")
        return Term("Annotated", (codes, _PERSONAL), "[]") if self.personal else codes

    def imports(self) -> dict[str, set[str]]:
        """Return the names that its type needs, by the modules that they come from."""
        needed: dict[str, set[str]] = {}
        for name in set(re.findall(r"\w+", re.sub(r'"[^"]*"', "", str(self.type_source())))) & _IMPORTED.keys():
            needed.setdefault(_IMPORTED[name], set()).add(name)
        return needed

    def sample(self) -> Value | None:
        """Return what somebody could answer; a document is nowhere before somebody brings it."""
        if self.kind == "choice":
            return self.codes[0]
        return [self.codes[0]] if self.kind == "choices" else SAMPLES.get(self.kind)


def read_fields(texts: Iterable[str]) -> list[Field]:
    """Return the fields that were typed, no two of one name.

    Raises:
        BadField: one is not written as a field, or comes twice.
        BadName: one cannot be called that.
    """
    fields: list[Field] = []
    for text in texts:
        field = read_field(text)
        if field.name in (earlier.name for earlier in fields):
            raise BadField(field=text, kinds=", ".join(KINDS))
        fields.append(field)
    return fields


def read_field(text: str) -> Field:
    """Return the field that was typed.

    Raises:
        BadField: it is not written as one.
        BadName: it cannot be called that.
    """
    label, _, rest = text.partition(":")
    typed, *marks = rest.split(":") if rest else ["text"]
    kind, _, listed = typed.strip().partition("=")
    codes = tuple(code.strip() for code in listed.split(",")) if listed else ()
    name = read_name(label)
    wrong = (
        kind not in KINDS
        or not set(marks) <= _MARKS
        or (kind in _CHOSEN) != bool(codes)
        or len(set(codes)) not in (len(codes), 0)
        or len(codes) > _CODES_MAX
        or not all(_CODE.fullmatch(code) for code in codes)
        or name.variable in _NOT_FIELDS
    )
    if wrong:
        raise BadField(field=text, kinds=", ".join(KINDS))
    return Field(
        name=name,
        kind=kind,
        personal="personal" in marks or kind in ("email", "phone"),
        # A document can come later, by post or at the counter: nobody is stopped for want of it.
        optional="optional" in marks or kind == "file",
        codes=codes,
    )


def in_python(value: Value) -> str:
    """Return a value as a test writes it."""
    if isinstance(value, list):
        return str(Term("", strings(value)))
    if isinstance(value, date):
        return f"date({value.year}, {value.month}, {value.day})"
    return string(value) if isinstance(value, str) else repr(value)
