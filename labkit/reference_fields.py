"""The tables of the reference pages that say what a struct holds, in both languages, made from its types."""

from msgspec import Struct, inspect

from labkit.reference_texts import table, texts, typeset
from ledger.domain.citizen import personal_fields
from ledger.domain.events import Event
from ledger.domain.vocabulary import Language
from ledger.publishing.contract.texts import texts as contract


def fields_table(kind: type[Struct], language: Language, *, but: tuple[str, ...] = (), above: str = "") -> str:
    """Return what a struct holds: each field with its type, whether it is always there, whether it is personal.

    The types link to where they are told on this page, or on the page `above`.
    """
    shape = inspect.type_info(kind)
    if not isinstance(shape, inspect.StructType):
        raise TypeError(f"{kind.__name__} has no fields")
    rows = [_tag_row(shape, language)] if shape.tag_field and shape.tag_field not in but else []
    rows += [_row(kind, field, language) for field in shape.fields if field.name not in but]
    columns = [texts().page[column].to(language) for column in ("field", "type", "given", "meaning")]
    return table(columns, rows).replace("](#", f"]({above}#")


def meaning(thing: type, french: str, language: Language) -> str:
    """Return the docstring, or the French text."""
    return typeset(french) if language == "fr" else thing.__doc__ or ""


def _tag_row(shape: inspect.StructType, language: Language) -> list[str]:
    tag = _type(inspect.StrType(), language) if shape.cls is Event else f"`{shape.tag}`"
    return [
        f"`{shape.tag_field}`",
        tag,
        texts().mark["always"].to(language),
        contract().note["tag"].to(language),
    ]


def _row(kind: type[Struct], field: inspect.Field, language: Language) -> list[str]:
    marks = [texts().mark["always" if field.required else "optional"].to(language)]
    if field.name in personal_fields(kind):
        marks.append(f"**{texts().mark['personal'].to(language)}**")
    return [
        f"`{field.encode_name}`",
        _type(field.type, language),
        ", ".join(marks),
        contract().of_field(kind, field.name).to(language),
    ]


def _type(kind: inspect.Type, language: Language) -> str:
    said = texts().type
    match kind:
        case inspect.Metadata():
            return _type(kind.type, language)
        case inspect.EnumType() | inspect.StructType():
            return f"[{kind.cls.__name__}](#{kind.cls.__name__.lower()})"
        case inspect.VarTupleType():
            return said["list"].to(language).format(of=_type(kind.item_type, language))
        case inspect.UnionType():
            some = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
            return _type(some[0], language) if len(some) == 1 else said["particulars"].to(language)
        case inspect.StrType(pattern=str() as pattern):
            return said["pattern"].to(language).format(pattern=pattern.replace("|", "\\|"))
        case _:
            return said[type(kind).__name__].to(language)
