from functools import reduce
from operator import or_
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.seen import SeenIds


@given(st.lists(st.uuids(), unique=True, max_size=200), st.uuids())
def test_exactly_what_was_added_was_seen(added: list[UUID], other: UUID) -> None:
    seen = reduce(or_, added, SeenIds())
    assert all(identifier in seen for identifier in added)
    assert len(seen) == len(added)
    assert (other in seen) == (other in added)


@given(st.lists(st.uuids(), unique=True, min_size=1, max_size=50))
def test_what_was_seen_before_stays_as_it_was(added: list[UUID]) -> None:
    *earlier, last = added
    before = reduce(or_, earlier, SeenIds())
    after = before | last
    assert (last in before, last in after) == (False, True)
    assert len(before) == len(earlier)


def test_a_long_case_is_kept_in_few_chunks() -> None:
    seen = reduce(or_, map(UUID, map("{:032x}".format, range(1, 1025))), SeenIds())
    assert len(seen.chunks) <= 11
