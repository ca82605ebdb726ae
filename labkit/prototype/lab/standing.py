"""A case as it stood at one of its versions: what was answered by then, and what came next. Pure."""

from msgspec import Struct

from labkit.prototype.events import stem_of
from labkit.prototype.journey import Answered, answered
from labkit.prototype.service import Service
from labkit.prototype.story import ServiceCase
from labkit.prototype.texts import Texts


class Standing(Struct, frozen=True, kw_only=True):
    """A case at one of its versions."""

    version: int
    count: int
    case: ServiceCase
    status: str
    answered: list[Answered]
    next_page: str | None
    next_title: str

    @property
    def is_now(self) -> bool:
        """Tell whether nothing happened since."""
        return self.version == self.count


def standing_of(service: Service, case: ServiceCase, version: int, texts: Texts) -> Standing:
    """Return a case as it stood at a version."""
    then = case.until(version)
    following = service.next_page(then)
    title = texts(f"{stem_of(following.event)}.title") if following else texts("journey.check")
    return Standing(
        version=then.version,
        count=case.version,
        case=then,
        status="closed" if then.closed else "submitted" if then.submitted else "open",
        answered=answered(service, then, texts),
        next_page=None if then.closed or then.submitted else following.name if following else "check",
        next_title=title,
    )
