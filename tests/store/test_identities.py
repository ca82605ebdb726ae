from itertools import pairwise
from uuid import RFC_4122, uuid4, uuid5

from ledger.store.identities import event_id, new_id


def test_new_identifiers_are_of_version_7_and_differ() -> None:
    made = [new_id() for _ in range(1_000)]

    assert {(each.version, each.variant) for each in made} == {(7, RFC_4122)}
    assert len(set(made)) == 1_000


def test_new_identifiers_are_in_the_order_of_time() -> None:
    moments = [new_id().int >> 80 for _ in range(1_000)]

    assert all(one <= next_one for one, next_one in pairwise(moments))


def test_the_events_of_a_command_have_the_identifiers_that_they_always_had() -> None:
    command = uuid4()

    assert [event_id(command, rank) for rank in range(12)] == [uuid5(command, str(rank)) for rank in range(12)]
