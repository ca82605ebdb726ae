import asyncio
import json
import logging
from collections.abc import Callable, Iterator

import pytest

from ledger.watching.logs import TEXT_FORM, JsonForm, TextForm, described, set_up_logs

MARK = "Zebulon Marquis"
FORMS = [TextForm(TEXT_FORM), JsonForm("relay", lambda: None)]
_log = logging.getLogger("a.source")


@pytest.fixture
def record(caplog: pytest.LogCaptureFixture) -> Callable[[], logging.LogRecord]:
    """The last thing that was logged."""
    return lambda: caplog.records[-1]


@pytest.fixture
def _logs_as_they_were() -> Iterator[None]:
    root, asyncios = logging.getLogger(), logging.getLogger("asyncio")
    handlers, level, filters = root.handlers[:], root.level, asyncios.filters[:]
    yield
    root.handlers[:], asyncios.filters[:] = handlers, filters
    root.setLevel(level)


def _fail() -> None:
    try:
        raise KeyError(MARK)
    except KeyError as error:
        raise ValueError(f"{MARK} cannot be read") from error


def test_a_line_of_json_has_the_fields_that_a_program_looks_for(record: Callable[[], logging.LogRecord]) -> None:
    _log.warning("Looking at the stream again: %s", "no answer", extra={"position": 42})

    line = json.loads(JsonForm("relay", lambda: "0af7651916cd43dd8448eb211c80319c").format(record()))

    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "warning",
        "role": "relay",
        "source": "a.source",
        "event": "Looking at the stream again: %s",
        "message": "Looking at the stream again: no answer",
        "position": 42,
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
    }


@pytest.mark.parametrize("form", FORMS)
def test_an_error_is_told_by_its_kind_and_its_place_and_never_by_what_it_says(
    form: logging.Formatter, record: Callable[[], logging.LogRecord]
) -> None:
    try:
        _fail()
    except ValueError:
        _log.exception("A page could not be folded")

    line = form.format(record())

    assert MARK not in line
    assert all(
        told in line for told in ("KeyError", "ValueError", "test_logs.py", "_fail", "A page could not be folded")
    )


def test_a_chain_of_errors_is_told_up_to_a_bound() -> None:
    error: Exception = ValueError(MARK)
    for _ in range(100):
        following = ValueError(MARK)
        following.__cause__ = error
        error = following

    assert described(error).count("ValueError") == 5


@pytest.mark.usefixtures("_logs_as_they_were")
async def test_a_task_that_nobody_waited_for_does_not_tell_what_it_failed_on(
    record: Callable[[], logging.LogRecord],
) -> None:
    set_up_logs("relay", json=True, level=logging.INFO)

    async def failing() -> None:
        _fail()

    asyncio.get_running_loop().call_exception_handler(
        {"message": "Task exception was never retrieved", "future": ValueError(MARK), "exception": ValueError(MARK)}
    )

    assert record().getMessage() == "Task exception was never retrieved"
