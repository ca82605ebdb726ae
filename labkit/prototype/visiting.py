"""What a browser carries from page to page, in cookies: who it plays, what it was chosen to see, whose trial it is.

Nothing here is trusted: a value that names nothing is as good as none.
"""

from collections.abc import Mapping
from uuid import UUID

from litestar.datastructures import Cookie

from ledger.domain.identifiers import CaseId

PERSONA = "persona"
VARIANTS = "variants"
MODE = "mode"
THEME = "theme"
PARTICIPANT = "participant"
DAY_S = 86_400

Cookies = Mapping[str, str]


def participant_of(cookies: Cookies) -> CaseId | None:
    """Return the case of the trial that a browser takes part in."""
    try:
        return CaseId(UUID(cookies[PARTICIPANT]))
    except (KeyError, ValueError):
        return None


def kept(name: str, value: str | None) -> Cookie:
    """Return a cookie that keeps a value for a month, or for none that forgets it."""
    return Cookie(
        key=name,
        value=value or "",
        max_age=30 * DAY_S if value else 0,
        path="/",
        httponly=True,
        samesite="lax",
    )
