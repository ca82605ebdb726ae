"""The tables of `view.sql` fill themselves, and its queries answer."""

import sqlite3
from pathlib import Path

from labkit.controls.histories import a_whole_story
from labkit.controls.stream import published
from ledger.domain.events import BY_TAG
from projections.engine.store import ViewStore

from {{ cookiecutter.package_name }}.view import answers, read_sql, table_of, tables_of, view_of

STORY = published(a_whole_story())
FILED = {"position", "event_id", "authority", "service", "channel", "subject", "by", "recorded_at"}


def folded(folder: Path, sql: str = "") -> ViewStore:
    """Fold one whole case, a page of which comes twice."""
    view = ViewStore(view_of(read_sql() + sql), folder)
    view.apply(STORY[:5])
    view.apply(STORY)
    return view


def asked(folder: Path, query: str) -> list[tuple[object, ...]]:
    """Ask as any program does: the live file, which `current` names, in SQLite."""
    home = ViewStore(view_of(read_sql()), folder).home
    with sqlite3.connect(home / (home / "current").read_text("ascii")) as db:
        return db.execute(query).fetchall()


def test_every_event_is_one_row_even_when_a_page_comes_twice(tmp_path: Path) -> None:
    folded(tmp_path)

    contacts = [event for event in STORY if event.tag == "interaction-recorded.v1"]
    assert asked(tmp_path, "SELECT count(*) FROM interaction_recorded_v1") == [(len(contacts),)]


def test_a_contact_counts_on_the_channel_that_it_was_corrected_to(tmp_path: Path) -> None:
    folded(tmp_path)

    # The second contact was noted as a call, and was a message left on the mobile application.
    assert asked(tmp_path, "SELECT channel, contacts FROM contacts_by_channel") == [
        ("counter", 1),
        ("email", 1),
        ("mobile", 1),
        ("web", 1),
    ]


def test_the_time_to_a_decision_is_known(tmp_path: Path) -> None:
    folded(tmp_path)

    assert asked(tmp_path, "SELECT * FROM days_to_first_decision") == [("restauration-scolaire", 1, 6.0)]


def test_every_query_of_the_file_is_answered_by_its_name(tmp_path: Path) -> None:
    answered = answers(folded(tmp_path).open())

    assert answered["days_to_first_decision"] == [("restauration-scolaire", 1, 6.0)]
    assert sorted(answered) == ["contacts_by_channel", "days_to_first_decision"]


def test_a_service_s_own_event_has_a_table_as_well(tmp_path: Path) -> None:
    view = folded(tmp_path, "CREATE TABLE IF NOT EXISTS days_chosen_v1 (position INTEGER, channel TEXT);")

    assert view.open().execute("SELECT channel FROM days_chosen_v1").fetchall() == [("mobile",)]


def test_every_column_is_a_field_of_its_event() -> None:
    fields = {table_of(tag): set(kind.__struct_fields__) for tag, kind in BY_TAG.items()}

    for table, columns in tables_of(read_sql()).items():
        assert set(columns) <= fields.get(table, set(columns)) | FILED, table


def test_a_change_of_the_sql_folds_the_stream_anew(tmp_path: Path) -> None:
    folded(tmp_path)
    changed = ViewStore(view_of(read_sql() + "-- another query\n"), tmp_path)

    assert changed.position() == 0
