import dataclasses
import shutil
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from labkit.controls import cast, commands
from ledger.application import CaseLedger
from ledger.domain.citizen import personal_fields
from ledger.domain.commands import LedgerCommand, RecordInteraction
from ledger.domain.errors import CitizenIsForgotten, UnknownCitizen
from ledger.domain.events import CaseOpened, LedgerEvent, ServiceEventRecorded
from ledger.domain.identifiers import CitizenRef, InteractionId
from ledger.settings import Settings
from ledger.store.mapper import LedgerStoredEvent
from ledger.store.vault import PREFIX, VaultError, read_header
from ledger.store.verdict import Answer

InOneGroup = Callable[..., list[Future[Answer]]]

TITLE = commands.open_case().title
PERSONAL = ("Lafourcade", "Léa", "porc", "05 36 49 00 17", "06 39 98", "végétariens", "École", "l’école")


def ask(ledger: CaseLedger, *asked: LedgerCommand) -> list[Answer]:
    return [ledger.execute(command, cast.stamp(command.occurred_at)) for command in asked]


def an_open_case() -> tuple[LedgerCommand, ...]:
    return commands.register_authority(), commands.publish_service(), commands.open_case()


def a_call(name: str) -> RecordInteraction:
    return replace(
        commands.record_phone_call(),
        command_id=cast.command_id(name),
        interaction_id=InteractionId(cast.identifier(name)),
    )


def everything_but_forgetting() -> tuple[LedgerCommand, ...]:
    return commands.a_command_of_every_kind()[:-1]


def personal_texts(event: LedgerEvent) -> list[str]:
    return [text for name in personal_fields(type(event)) if (text := getattr(event, name))]


def title_of(ledger: CaseLedger) -> str:
    opened = next(ledger.history(cast.CASE)).event
    assert isinstance(opened, CaseOpened)
    return opened.title


def test_no_stored_byte_shows_a_personal_text(ledger: CaseLedger) -> None:
    asked = everything_but_forgetting()
    ask(ledger, *asked)

    kept = b"".join(row[3] + row[4] for row in ledger.recorder.read(0, 1_000))
    with ledger.recorder.group() as group:
        kept += b"".join(group.verdicts([command.command_id for command in asked]).values())

    assert not [text for text in PERSONAL if text.encode() in kept]
    assert PREFIX.encode() in kept


def test_no_file_of_a_data_directory_shows_a_personal_text(sqlite_settings: Settings) -> None:
    with CaseLedger(sqlite_settings) as ledger:
        ask(ledger, *everything_but_forgetting())
        files = [path for path in sqlite_settings.data.rglob("*") if path.is_file()]
        kept = {path.name: path.read_bytes() for path in files}

    assert {"ledger.db", "ledger.db-wal", "keys.db", "master.key"} <= set(kept)
    assert not [(name, text) for name, raw in kept.items() for text in PERSONAL if text.encode() in raw]


def test_the_content_of_a_service_event_is_sealed_whole_and_its_facts_are_not(ledger: CaseLedger) -> None:
    asked = commands.record_service_event()
    ask(ledger, *an_open_case(), asked)

    stored = ledger.read(0, 1_000)[-1].data
    *_, recorded = ledger.history(cast.CASE)

    assert msgspec.json.encode(asked.facts) in stored
    assert b"comment" not in stored
    assert isinstance(recorded.event, ServiceEventRecorded)
    assert recorded.event.facts == asked.facts
    assert recorded.event.content.startswith(PREFIX)
    assert ledger.reveal(recorded.event.content) == asked.content


def test_what_was_sealed_can_be_revealed(ledger: CaseLedger) -> None:
    ask(ledger, *everything_but_forgetting())

    tokens = [token for recorded in ledger.history(cast.CASE) for token in personal_texts(recorded.event)]

    assert ledger.reveal(title_of(ledger)) == TITLE
    assert all(token.startswith(PREFIX) and ledger.reveal(token) for token in tokens)


def test_forgetting_a_citizen_darkens_all_that_was_recorded(ledger: CaseLedger) -> None:
    ask(ledger, *everything_but_forgetting())

    ask(ledger, commands.forget_citizen())

    tokens = [token for recorded in ledger.history(cast.CASE) for token in personal_texts(recorded.event)]
    assert len(tokens) > 5
    assert {ledger.reveal(token) for token in tokens} == {None}


def test_forgetting_a_citizen_keeps_the_history(ledger: CaseLedger) -> None:
    ask(ledger, *everything_but_forgetting())
    before = list(ledger.history(cast.CASE))

    ask(ledger, commands.forget_citizen())

    assert list(ledger.history(cast.CASE)) == before


def test_nothing_personal_is_recorded_of_a_forgotten_citizen(ledger: CaseLedger) -> None:
    ask(ledger, *an_open_case(), commands.forget_citizen())
    head = ledger.head()

    [refused] = ask(ledger, a_call("after"))

    assert isinstance(refused.verdict.refusal, CitizenIsForgotten)
    assert ledger.head() == head


def test_the_case_of_a_forgotten_citizen_goes_on_without_personal_texts(ledger: CaseLedger) -> None:
    ask(ledger, *an_open_case(), commands.forget_citizen())

    [answer] = ask(ledger, replace(a_call("after"), summary="", contact=""))

    assert answer.verdict.refusal is None


def test_a_text_that_comes_in_the_same_group_after_the_fence_is_refused(
    ledger: CaseLedger, in_one_group: InOneGroup
) -> None:
    ask(ledger, *an_open_case())

    forgotten, refused = (
        reply.result(10) for reply in in_one_group(ledger, commands.forget_citizen(), a_call("too late"))
    )

    assert forgotten.verdict.refusal is None
    assert isinstance(refused.verdict.refusal, CitizenIsForgotten)


def test_a_failed_forgetting_forgets_nothing(ledger: CaseLedger) -> None:
    unknown = replace(commands.forget_citizen(), citizen=CitizenRef(cast.identifier("nobody")))

    [refused] = ask(ledger, unknown)

    assert isinstance(refused.verdict.refusal, UnknownCitizen)
    assert ledger.recorder.fences() == []


def test_an_anonymous_contact_is_forgotten_by_its_case(ledger: CaseLedger) -> None:
    anonymous = replace(commands.open_case(), citizen=None)
    ask(ledger, commands.register_authority(), commands.publish_service(), anonymous)

    ask(ledger, replace(commands.forget_citizen(), citizen=CitizenRef(cast.CASE)))

    assert ledger.reveal(title_of(ledger)) is None


def test_a_copy_of_the_ledger_made_before_stays_dark(sqlite_settings: Settings, tmp_path: Path) -> None:
    with CaseLedger(sqlite_settings) as ledger:
        ask(ledger, *an_open_case())
    copied = Settings(data=tmp_path / "copy")
    shutil.copytree(sqlite_settings.data, copied.data)
    with CaseLedger(sqlite_settings) as ledger:
        ask(ledger, commands.forget_citizen())

    shutil.copy(sqlite_settings.vault_file, copied.vault_file)

    with CaseLedger(copied) as old:
        assert old.head() == 4
        assert old.reveal(title_of(old)) is None


def test_the_ledger_beside_an_older_key_store_darkens_it_again(sqlite_settings: Settings, tmp_path: Path) -> None:
    with CaseLedger(sqlite_settings) as ledger:
        ask(ledger, *an_open_case())
    shutil.copy(sqlite_settings.vault_file, tmp_path / "older.db")
    with CaseLedger(sqlite_settings) as ledger:
        ask(ledger, commands.forget_citizen())

    shutil.copy(tmp_path / "older.db", sqlite_settings.vault_file)

    with CaseLedger(sqlite_settings) as ledger:
        assert ledger.reveal(title_of(ledger)) is None


def test_another_writer_of_the_same_ledger_honours_a_fence(reopen: Callable[[], CaseLedger]) -> None:
    one, another = reopen(), reopen()
    ask(one, *an_open_case())
    ask(another, a_call("before"))

    ask(one, commands.forget_citizen())

    [refused] = ask(another, a_call("after"))
    assert isinstance(refused.verdict.refusal, CitizenIsForgotten)
    assert another.reveal(title_of(another)) is None


def test_a_text_moved_to_another_field_is_noticed(ledger: CaseLedger) -> None:
    ask(ledger, *everything_but_forgetting())
    contact = next(kept for kept in ledger.recorder.select_events(cast.CASE) if b'"contact":"sealed:' in kept.state)
    assert isinstance(contact, LedgerStoredEvent)
    altered = dataclasses.replace(
        contact, state=contact.state.replace(b'"summary"', b'"_"').replace(b'"contact"', b'"summary"')
    )

    with pytest.raises(VaultError, match="summary"):
        ledger.mapper.to_domain_event(altered)


def test_a_token_tells_whose_it_is_and_where_it_belongs(ledger: CaseLedger) -> None:
    ask(ledger, *everything_but_forgetting())

    for recorded in ledger.history(cast.CASE):
        for name in personal_fields(type(recorded.event)):
            token = getattr(recorded.event, name)
            tag = recorded.event.__struct_config__.tag
            assert not token or read_header(token) == (cast.CITIZEN, recorded.event_id, f"{tag}#{name}")
