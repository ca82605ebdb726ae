"""`labkit history CASE`: the story of one case, across all channels."""

from collections.abc import Iterator
from uuid import UUID

import msgspec
import rich_click as click
from msgspec import Raw, Struct

from labkit.answers import CaseKey, Entry, RowsPage
from labkit.client import Client
from labkit.exit_codes import ExitCode
from labkit.failures import AmbiguousReference, UnknownReference
from labkit.messages import Texts
from labkit.verbs.entries import line_of
from labkit.verbs.frame import Frame, verb

ROWS_A_PAGE = 200


class History(Struct, frozen=True, kw_only=True):
    """The story of a case, and the position of the ledger that it reflects."""

    case: UUID
    position: int | None
    rows: list[Raw]


def build(say: Texts) -> click.RichCommand:
    """Describe the verb."""
    return verb(say, "history", history, [click.Argument(["case"], metavar=say("history.case"))])


def history(frame: Frame, *, case: str) -> ExitCode:
    """Show all events of a case, oldest first."""
    client = frame.client()
    case_id = _case_id(client, case)
    pages = list(_pages(client, case_id))
    rows = [row for page in pages for row in page.rows]
    if not rows:
        raise UnknownReference(case=case)
    frame.answer(History(case=case_id, position=pages[-1].position, rows=rows))
    for row in rows:
        frame.write(line_of(msgspec.json.decode(row, type=Entry), frame.say, with_case=False))
    return ExitCode.OK


def _pages(client: Client, case_id: UUID) -> Iterator[RowsPage[Raw]]:
    cursor = None
    while True:
        page = client.get("/views/timeline", RowsPage[Raw], case=case_id, limit=ROWS_A_PAGE, cursor=cursor)
        yield page
        if page.cursor is None or page.cursor == cursor:
            return
        cursor = page.cursor


def _case_id(client: Client, case: str) -> UUID:
    try:
        return UUID(case)
    except ValueError:
        found = client.get("/views/inbox", RowsPage[CaseKey], reference=case).rows
    keys = [key.case_id for key in found if key.reference == case]
    if not keys:
        raise UnknownReference(case=case)
    if len(keys) > 1:
        raise AmbiguousReference(case=case, found=", ".join(map(str, keys)))
    return keys[0]
