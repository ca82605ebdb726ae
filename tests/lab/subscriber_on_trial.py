"""A subscriber small enough to read, right in all or, when asked to, wrong in one thing: `python …/this.py [wrong]`.

It counts events by their type and lists the citizens whom it heard of, in `state.json`, which is replaced whole.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import nats
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

STATE = Path("state.json")
KNOWN = {"authority-registered", "service-published", "case-opened", "interaction-recorded", "step-recorded"}
KNOWN |= {"case-decided", "citizen-forgotten"}
VERSION = ".v1"


def read_state() -> dict[str, Any]:
    with suppress(FileNotFoundError):
        state: dict[str, Any] = json.loads(STATE.read_text("utf-8"))
        return state
    return {"position": 0, "counted": {}, "citizens": []}


def write_state(state: dict[str, Any]) -> None:
    fresh = STATE.with_suffix(".new")
    fresh.write_text(json.dumps(state), encoding="utf-8")
    fresh.replace(STATE)


def fold(state: dict[str, Any], event: dict[str, Any], wrong: str) -> None:
    name, version = event["type"].removeprefix("fr.collectivilab.").split(".", 1)
    if name not in KNOWN or f".{version}" != VERSION:
        if wrong == "unknown":
            raise SystemExit(f"What is {event['type']}?")
        return
    state["counted"][name] = state["counted"].get(name, 0) + 1
    citizen = event["data"].get("citizen")
    if name == "citizen-forgotten" and wrong != "citizen":
        state["citizens"] = [each for each in state["citizens"] if each != citizen]
    elif citizen and citizen not in state["citizens"]:
        state["citizens"].append(citizen)


async def messages(context: Any, stream: str, start: int) -> AsyncIterator[Msg]:
    """Yield what a consumer of its own is delivered from a position on."""
    config = ConsumerConfig(
        ack_policy=AckPolicy.NONE, deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=start
    )
    subscription = await context.pull_subscribe("ledger.>", stream=stream, config=config)
    while True:
        with suppress(TimeoutError):
            for message in await subscription.fetch(20, timeout=0.2):
                yield message


async def follow(context: Any, stream: str, wrong: str) -> None:
    """Count until a message is missing."""
    state, rank = read_state(), 0
    start = 1 if wrong == "position" else state["position"] + 1
    async for message in messages(context, stream, start):
        sequence = message.metadata.sequence
        if sequence.consumer > rank + 1 and wrong != "gaps":
            return
        rank = max(rank, sequence.consumer)
        if sequence.stream <= state["position"] and wrong not in ("duplicates", "position"):
            continue
        fold(state, json.loads(message.data), wrong)
        state["position"] = sequence.stream
        write_state(state)


async def main(access: dict[str, str], wrong: str) -> None:
    client = await nats.connect(access["url"], nkeys_seed_str=access["nkey_seed"])
    while True:
        await follow(client.jetstream(domain=access["domain"]), access["stream"], wrong)


ACCESS = json.loads(Path(os.environ["LEDGER_CREDENTIALS"]).read_text("utf-8"))["nats"]
asyncio.run(main(ACCESS, (sys.argv[1:] or [""])[0]))
