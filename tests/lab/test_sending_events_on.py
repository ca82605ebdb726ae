"""Events sent on to an address, in order, and samples of events; a receiver that stumbles, and one that refuses."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import jsonschema
import pytest
from msgspec import to_builtins

from labkit.controls import commands
from labkit.exit_codes import ExitCode
from labkit.failures import ForwardFailed
from labkit.forwarding import ATTEMPTS_MAX, Forwarder, LocalLog
from ledger.domain.events import BY_TAG
from ledger.publishing.contract.examples import examples
from ledger.publishing.contract.schemas import schemas
from ledger.settings import SOURCE_DEFAULT
from ledger.webhooks.signature import check, key_of
from tests.running import RunningInstance, labkit, running_instance


class Receiver:
    """A server that answers as it is told, and keeps what it got."""

    def __init__(self, *statuses: int) -> None:
        self.got: list[dict[str, Any]] = []
        self.sent: list[tuple[dict[str, str], bytes]] = []
        answers = list(statuses)
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append(json.loads(body))
                receiver.sent.append((dict(self.headers.items()), body))
                self.send_response(answers.pop(0) if answers else 204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/events?from=ledger"


@pytest.fixture
def receiving() -> Iterator[Callable[..., Receiver]]:
    opened: list[Receiver] = []

    def receive(*statuses: int) -> Receiver:
        opened.append(Receiver(*statuses))
        return opened[-1]

    yield receive
    for receiver in opened:
        receiver.server.shutdown()
        receiver.server.server_close()


EVENT = json.dumps({"id": "the-seventh", "sequence": "00000000000000000007"}).encode()


def test_a_receiver_that_stumbles_gets_the_event_again_signed(receiving: Callable[..., Receiver]) -> None:
    receiver, waited = receiving(500, 429), list[float]()
    forwarder = Forwarder(receiver.url, sleep=waited.append)

    assert forwarder.send(EVENT) == 204
    assert waited == [1.0, 2.0]
    assert [body for _, body in receiver.sent] == [EVENT] * 3
    for headers, body in receiver.sent:
        told = {name.lower(): value for name, value in headers.items()}
        assert told["content-type"] == "application/cloudevents+json"
        check(told, body, keys=[key_of(forwarder.secret)], now=datetime.now(UTC))


@pytest.mark.parametrize(("statuses", "attempts"), [((503,) * 20, ATTEMPTS_MAX), ((410,), 1), ((302,), 1)])
def test_who_does_not_take_it_is_named_with_where_to_go_on(
    receiving: Callable[..., Receiver], statuses: tuple[int, ...], attempts: int
) -> None:
    receiver = receiving(*statuses)

    with pytest.raises(ForwardFailed, match=rf"event 7: {statuses[0]}.*--since 6 --forward"):
        Forwarder(receiver.url, sleep=lambda _: None).send(EVENT)

    assert len(receiver.got) == attempts


def test_nobody_there_is_a_failure_in_words() -> None:
    with pytest.raises(ForwardFailed, match="did not take event 7: unreachable"):
        Forwarder("http://127.0.0.1:9", sleep=lambda _: None).send(EVENT)


@pytest.mark.parametrize("url", ["x", "ftp://x", "http://", "http://x:y", "http://elsewhere.example/", "file:///etc"])
def test_what_is_no_address_is_not_taken_for_one(url: str) -> None:
    ended = labkit("emit", "case-opened", "--forward", url)

    assert (ended.returncode, ended.stdout) == (ExitCode.USAGE, "")


@pytest.mark.parametrize("tag", BY_TAG)
def test_every_sample_is_what_its_schema_accepts(tag: str) -> None:
    shown = labkit("emit", tag, "--json")
    sample = json.loads(shown.stdout)

    known = schemas(SOURCE_DEFAULT, examples(SOURCE_DEFAULT))
    jsonschema.Draft202012Validator(known["cloudevent"]).validate(sample)
    jsonschema.Draft202012Validator(known[tag]).validate(sample["data"])


def test_a_sample_is_sent_where_it_is_wanted(receiving: Callable[..., Receiver]) -> None:
    receiver = receiving(202)

    told = labkit("emit", "case-closed", "--forward", receiver.url, "--json")

    assert json.loads(told.stdout)["status"] == 202
    assert receiver.got[0]["type"] == "fr.collectivilab.case-closed.v1"
    assert labkit("emit", "nothing").returncode == ExitCode.USAGE


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningInstance]:
    with running_instance(tmp_path_factory.mktemp("forward") / "data") as running:
        told = (
            commands.register_authority(),
            commands.publish_service(),
            commands.open_case(),
            commands.record_phone_call(),
            commands.record_step(),
        )
        answer = running.post("/commands", to_builtins(told))
        running.wait_until_views_reach(answer.json["position"])
        yield running


def test_what_is_published_is_sent_on_in_order_and_only_what_is_wanted(
    instance: RunningInstance, receiving: Callable[..., Receiver]
) -> None:
    everything, some = receiving(), receiving()

    assert instance.labkit("tail", "--since", "0", "--once", "--forward", everything.url).returncode == 0
    wanted = ("--type", "interaction-recorded.v1", "--channel", "telephone")
    assert instance.labkit("tail", "--since", "0", "--once", *wanted, "--forward", some.url).returncode == 0

    sequences = [int(event["sequence"]) for event in everything.got]
    assert sequences == list(range(1, instance.ledger_position() + 1))
    assert {(event["type"].split(".")[2], event["channel"]) for event in some.got} == {
        ("interaction-recorded", "telephone")
    }


def test_somebody_may_begin_at_a_moment(instance: RunningInstance) -> None:
    log = LocalLog(instance.data, {})
    recorded = json.loads(log.published(3))["recordedtime"]
    before = log.before(datetime.fromisoformat(recorded))
    log.close()

    shown = instance.labkit("tail", "--since", recorded, "--once", "--json").stdout.splitlines()

    assert [json.loads(line)["position"] for line in shown] == list(range(before + 1, instance.ledger_position() + 1))
    assert instance.labkit("tail", "--since", "yesterday", "--once").returncode == ExitCode.USAGE
