"""The words of a project: none is missing in a language, all take the same particulars, French is set as French is.

What the kit says itself is checked by the kit's own tests.
"""

import re
from collections.abc import Iterator, Mapping
from string import Formatter

from labkit.checks.findings import Finding
from labkit.prototype.checking import missing_texts
from labkit.prototype.failures import BrokenProject
from labkit.prototype.project import Project
from labkit.prototype.texts import flatten, kit_words, read_words
from ledger.domain.vocabulary import Language

Words = Mapping[str, str]

# A no-break space before these, and after «: French punctuation never begins a line.
_FRENCH = re.compile(r" [:;!?»]|« |[^\W\d_]'[^\W\d_]|[^\s\u00a0\u202f!?…({\"]([;!?]|»)(?!\w)")
_SAID_IN_PAGES = re.compile(r"""\bt\(\s*"([a-z0-9_.-]+)"\s*[,)]""")


def check_words(project: Project) -> Iterator[Finding]:
    """Find words that are missing, that differ in their particulars, or that are set badly."""
    own = {language: own_words(project, language) for language in project.languages}
    yield from _missing(project, own)
    yield from _different(project, own)
    if "fr" in own:
        yield from _french(own["fr"])


def own_words(project: Project, language: Language) -> dict[str, str]:
    """Return what a project itself says in one language, by its keys.

    Raises:
        BrokenProject: its file of words cannot be read.
    """
    file = project.package / "texts" / f"{language}.toml"
    try:
        words = read_words(file)
    except (OSError, ValueError) as error:
        raise BrokenProject(file=file, reason=error) from error
    for channel in project.channels():
        said = project.settings(channel).get("texts", {}).get(language, {})
        words |= {f"{channel.value}.{key}": text for key, text in flatten(said).items()}
    return words


def _missing(project: Project, own: Mapping[Language, Words]) -> Iterator[Finding]:
    wanted = {_parts(missing) for missing in missing_texts(project)}
    everywhere = {key for words in own.values() for key in words}
    for language, words in own.items():
        wanted |= {(key, str(language)) for key in everywhere - words.keys()}
        known = words.keys() | kit_words(language).keys()
        wanted |= {(key, str(language)) for key in _said_in_pages(project) - known}
    for key, lacking in sorted(wanted):
        yield Finding(
            severity="error",
            where=f"texts/{lacking}.toml",
            what="check.missing-text",
            mend="check.write-text",
            details={"key": key, "language": lacking},
        )


def _parts(missing: str) -> tuple[str, str]:
    key, _, language = missing.removesuffix(")").rpartition(" (")
    return key, language


def _said_in_pages(project: Project) -> set[str]:
    # A page that is no text at all is told where it is shown.
    files = sorted((project.package / "pages").glob("*.html"))
    pages = (file.read_text(encoding="utf-8", errors="replace") for file in files)
    return {key for page in pages for key in _SAID_IN_PAGES.findall(page)}


def _different(project: Project, own: Mapping[Language, Words]) -> Iterator[Finding]:
    first = project.languages[0]
    for language, words in own.items():
        for key, text in words.items():
            given, wanted = _particulars(text), _particulars(own[first].get(key, text))
            if given is None:
                yield _finding("check.bad-braces", "check.mend-braces", key, language)
            elif wanted is not None and given != wanted:
                yield _finding("check.other-particulars", "check.same-particulars", key, language)


def _finding(what: str, mend: str, key: str, language: str) -> Finding:
    where = f"texts/{language}.toml"
    return Finding(severity="error", where=where, what=what, mend=mend, details={"key": key})


def _particulars(text: str) -> set[str] | None:
    """Return the names that a text fills in, `None` if its braces cannot be read."""
    try:
        return {name for _, name, _, _ in Formatter().parse(text) if name}
    except ValueError:
        return None


def _french(words: Words) -> Iterator[Finding]:
    kit = kit_words("fr")
    for key, text in words.items():
        found = _FRENCH.search(text)
        if found and kit.get(key) != text:
            around = text[max(0, found.start() - 12) : found.end() + 4].strip()
            yield Finding(
                severity="warning",
                where="texts/fr.toml",
                what="check.french",
                mend="check.set-french",
                details={"key": key, "around": around},
            )
