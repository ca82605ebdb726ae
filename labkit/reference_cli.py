"""The reference page of the command line, in both languages, made from the commands themselves.

What a verb and its options mean is what `--help` says of them; only the examples are in `reference.toml`.
"""

from collections.abc import Iterator

import rich_click as click

from labkit.cli import command_line
from labkit.exit_codes import meanings
from labkit.messages import Texts
from labkit.reference_texts import table, texts, typeset
from ledger.domain.vocabulary import Language


def cli_page(language: Language) -> str:
    """Return the page of every verb, its options and the exit codes."""
    page = {name: said.to(language).strip() for name, said in texts().page.items()}
    described = verbs(language)
    below = [verb for name, verb in described.items() if name]
    shared = set.intersection(*({option.opts[0] for option in _options(verb)} for verb in below))
    blocks = [f"# {page['cli']}", page["generated"], page["cli-intro"]]
    blocks += [f"## {page['every-verb']}", _table(below[0], language, only=shared)]
    for name, verb in described.items():
        blocks += _verb(name, verb, language, but=shared)
    return "\n\n".join((*blocks, *_exit_codes(language))) + "\n"


def verbs(language: Language) -> dict[str, click.Command]:
    """Return every command by what is typed after `labkit`, the whole first; a group is only its verbs."""
    whole = command_line(Texts(language))
    return {"": whole, **dict(_below(whole))}


def _below(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _below(command, f"{path}{name} ")
        else:
            yield f"{path}{name}", command


def _verb(name: str, verb: click.Command, language: Language, *, but: set[str]) -> list[str]:
    own = {option.opts[0] for option in _options(verb)} - but
    arguments = (given.make_metavar(click.Context(verb)) for given in verb.params if isinstance(given, click.Argument))
    typed = " ".join(filter(None, ("labkit", name, *arguments)))
    return [
        f"## `{typed}` {{ #{name.replace(' ', '-') or 'labkit'} }}",
        *(_set(" ".join(paragraph.split()), language) for paragraph in (verb.help or "").strip().split("\n\n")),
        f"```sh\n{texts().example[name or 'labkit']}\n```",
        *([_table(verb, language, only=own)] if own else ()),
    ]


def _table(verb: click.Command, language: Language, *, only: set[str]) -> str:
    columns = [texts().page[column].to(language) for column in ("option", "meaning", "default")]
    chosen = (option for option in _options(verb) if option.opts[0] in only)
    return table(columns, [_row(option, language) for option in chosen])


def _row(option: click.Option, language: Language) -> list[str]:
    names, default = (*option.opts, *option.secondary_opts), _default(option)
    typed = (f"`{name} {value}`" if value else f"`{name}`" for name in names for value in _values(option, language))
    return [", ".join(typed), _set(option.help or "", language), f"`{default}`" if default else ""]


def _values(option: click.Option, language: Language) -> list[str]:
    if isinstance(option.type, click.Choice):
        return list(option.type.choices)
    if option.is_flag:
        return [""]
    return [option.metavar or texts().value[type(option.type).__name__].to(language)]


def _default(option: click.Option) -> str:
    if option.secondary_opts:
        return option.opts[0] if option.default else option.secondary_opts[0]
    return str(option.default) if option.show_default else ""


def _options(verb: click.Command) -> list[click.Option]:
    return [option for option in verb.params if isinstance(option, click.Option)]


def _exit_codes(language: Language) -> list[str]:
    say = Texts(language)
    rows = [[f"`{code.value}`", _set(meaning, language)] for code, meaning in meanings(say).items()]
    columns = [texts().page[column].to(language) for column in ("code", "meaning")]
    return [f"## {say('exit.title')} {{ #exit-codes }}", table(columns, rows)]


def _set(text: str, language: Language) -> str:
    return typeset(text) if language == "fr" else text
