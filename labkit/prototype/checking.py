"""What a project lacks, found without running it: words, above all. Pure."""

from labkit.prototype.events import ServiceEvent, stem_of
from labkit.prototype.project import Project
from labkit.prototype.questions import questions_of
from labkit.prototype.texts import MissingText, Texts


def missing_texts(project: Project) -> list[str]:
    """Return the keys of the words that nobody wrote, each with its language."""
    service = project.service()
    return [
        f"{key} ({language})"
        for language in project.languages
        for kind in service.kinds.values()
        for key in _missing(kind, project.texts(language))
    ]


def _missing(kind: type[ServiceEvent], texts: Texts) -> list[str]:
    stem = stem_of(kind)
    wanted = [key for key in (f"{stem}.title",) if texts.get(key) is None]
    try:
        questions_of(kind, texts)
    except MissingText as missing:
        wanted.append(missing.key)
    return wanted
