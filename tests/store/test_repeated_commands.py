from collections.abc import Callable
from concurrent.futures import Future

from msgspec.structs import replace

from labkit.controls import cast, commands
from ledger.application import CaseLedger
from ledger.domain.case import Case
from ledger.domain.commands import LedgerCommand
from ledger.domain.errors import CaseAlreadyExists, CommandIdReused
from ledger.domain.identifiers import CaseId, InteractionId
from ledger.domain.vocabulary import Channel
from ledger.store.verdict import Answer

InOneGroup = Callable[..., list[Future[Answer]]]


def ask(ledger: CaseLedger, *asked: LedgerCommand) -> list[Answer]:
    return [ledger.execute(command, cast.stamp(command.occurred_at)) for command in asked]


def answers_of(in_one_group: InOneGroup, ledger: CaseLedger, *asked: LedgerCommand) -> list[Answer]:
    return [reply.result(10) for reply in in_one_group(ledger, *asked)]


def beginning() -> tuple[LedgerCommand, ...]:
    return commands.register_authority(), commands.publish_service(), commands.open_case()


def test_a_repeated_command_changes_nothing_and_is_answered_as_the_first_time(ledger: CaseLedger) -> None:
    first = ask(ledger, *beginning())[-1]
    ask(ledger, commands.record_phone_call())
    head = ledger.head()

    [again] = ask(ledger, commands.open_case())

    assert again == Answer(first.verdict, repeated=True)
    assert ledger.head() == head


def test_a_refusal_is_repeated_although_the_rule_would_now_agree(ledger: CaseLedger) -> None:
    [refused] = ask(ledger, commands.record_phone_call())
    ask(ledger, *beginning())

    [again] = ask(ledger, commands.record_phone_call())

    assert again == Answer(refused.verdict, repeated=True)
    assert str(again.verdict.refusal) == str(refused.verdict.refusal)


def test_a_repeat_is_known_after_the_ledger_was_opened_again(reopen: Callable[[], CaseLedger]) -> None:
    with reopen() as before:
        first = ask(before, *beginning())[-1]
        [refused] = ask(before, replace(commands.open_case(), command_id=cast.command_id("other")))

    after = reopen()

    assert ask(after, commands.open_case()) == [Answer(first.verdict, repeated=True)]
    [again] = ask(after, replace(commands.open_case(), command_id=cast.command_id("other")))
    assert again == Answer(refused.verdict, repeated=True)


def test_an_identifier_used_for_another_request_is_refused(ledger: CaseLedger) -> None:
    ask(ledger, *beginning())
    head = ledger.head()

    [answer] = ask(ledger, replace(commands.record_phone_call(), command_id=commands.open_case().command_id))

    assert isinstance(answer.verdict.refusal, CommandIdReused)
    assert ledger.head() == head


def test_an_identifier_used_for_another_case_is_refused(ledger: CaseLedger) -> None:
    ask(ledger, *beginning())

    [answer] = ask(ledger, replace(commands.open_case(), case_id=CaseId(cast.identifier("another case"))))

    assert isinstance(answer.verdict.refusal, CommandIdReused)


def test_two_commands_on_one_case_share_a_group(ledger: CaseLedger, in_one_group: InOneGroup) -> None:
    ask(ledger, *beginning())
    call, visit = (
        replace(
            commands.record_contact_on(channel),
            command_id=cast.command_id(channel.value),
            interaction_id=InteractionId(cast.identifier(channel.value)),
        )
        for channel in (Channel.TELEPHONE, Channel.COUNTER)
    )

    answers_of(in_one_group, ledger, call, visit)

    versions = [recorded.originator_version for recorded in ledger.history(cast.CASE)]
    state = ledger.state(cast.CASE)
    assert versions == [1, 2, 3, 4]
    assert isinstance(state, Case)
    assert call.interaction_id in state.interaction_ids
    assert visit.interaction_id in state.interaction_ids


def test_a_case_and_what_follows_on_it_share_a_group(ledger: CaseLedger, in_one_group: InOneGroup) -> None:
    answers = answers_of(in_one_group, ledger, *beginning(), commands.record_phone_call(), commands.close_case())

    assert [answer.verdict.position for answer in answers] == [1, 2, 4, 5, 6]
    assert all(answer.verdict.refusal is None for answer in answers)


def test_a_repeat_within_the_group_is_answered_as_the_first(ledger: CaseLedger, in_one_group: InOneGroup) -> None:
    *_, first, again = answers_of(in_one_group, ledger, *beginning(), commands.open_case())

    assert again == Answer(first.verdict, repeated=True)


def test_a_refusal_within_a_group_leaves_the_others_alone(ledger: CaseLedger, in_one_group: InOneGroup) -> None:
    twice = replace(
        commands.open_case(),
        command_id=cast.command_id("twice"),
        interaction_id=InteractionId(cast.identifier("twice")),
    )

    *_, opened, refused, called = answers_of(in_one_group, ledger, *beginning(), twice, commands.record_phone_call())

    assert isinstance(refused.verdict.refusal, CaseAlreadyExists)
    assert (opened.verdict.events, called.verdict.events) == (2, 1)
