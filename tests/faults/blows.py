"""What each fault does to a running machine, and what stands again afterwards."""

import asyncio
import random
import time
from contextlib import suppress

import nats
from nats.js.errors import Error as JetStreamError

from tests.faults.disks import LimitedFiles, SmallDisk
from tests.faults.machine import Machine
from tests.faults.plan import Blow, Fault
from tests.faults.processes import Process
from tests.faults.stream import STREAM

BACK_S = -3600.0
SECOND_RELAY_S = 1.0


class Striker:
    """Strikes one machine; what it draws comes from the seed of the round."""

    def __init__(self, machine: Machine, disk: SmallDisk | LimitedFiles, seed: int) -> None:
        self._machine = machine
        self._disk = disk
        self._draw = random.Random(seed)
        self._killed = {
            Fault.KILL_WRITER: machine.writer,
            Fault.KILL_RELAY: machine.relay,
            Fault.KILL_PROJECTOR: machine.projector,
            Fault.KILL_NATS: machine.nats,
        }
        self._held = {
            Fault.STOP_WRITER: machine.writer,
            Fault.STOP_RELAY: machine.relay,
            Fault.STOP_PROJECTOR: machine.projector,
            Fault.STOP_NATS: machine.nats,
        }
        if machine.postgresql:
            self._killed[Fault.KILL_POSTMASTER] = machine.postgresql.process
            self._held[Fault.STOP_POSTGRESQL] = machine.postgresql.process

    def strike(self, blow: Blow) -> None:
        """Do one fault, and let it last; what is done to a copy is done once the round is over."""
        if process := self._killed.get(blow.fault):
            self._kill(process, blow.lasts_s)
        elif process := self._held.get(blow.fault):
            self._hold(process, blow.lasts_s)
        else:
            self._strike_all(blow)
        if self._machine.postgresql:
            self._machine.postgresql.wait_until_ready()

    def _strike_all(self, blow: Blow) -> None:
        machine = self._machine
        match blow.fault:
            case Fault.KILL_BACKEND if machine.postgresql:
                machine.postgresql.kill_a_backend(self._draw)
            case Fault.KILL_ALL:
                machine.kill_all()
            case Fault.FULL_DISK:
                self._fill(blow.lasts_s)
            case Fault.DELETED_STREAM:
                asyncio.run(delete_stream(machine.broker.ledger_url))
            case Fault.TWO_RELAYS:
                machine.second_relay.start()
                machine.pass_time(SECOND_RELAY_S + blow.lasts_s)
                machine.second_relay.end()
            case Fault.CLOCK_BACK:
                machine.skew.write_text(str(BACK_S), encoding="ascii")
                machine.pass_time(blow.lasts_s)
                machine.skew.unlink()

    def _kill(self, process: Process, lasts_s: float) -> None:
        process.kill()
        # Nobody mends meanwhile: the others do without it for that long.
        time.sleep(lasts_s)
        process.start()

    def _hold(self, process: Process, lasts_s: float) -> None:
        with process.held():
            time.sleep(lasts_s)

    def _fill(self, lasts_s: float) -> None:
        with self._disk.full(lambda: self._machine.writer.pid):
            self._machine.pass_time(lasts_s)
        # A nats-server that met a full disk keeps JetStream switched off until somebody starts it again.
        self._machine.nats.kill()
        self._machine.nats.start()


async def delete_stream(url: str) -> None:
    client = await nats.connect(url)
    with suppress(JetStreamError):  # it may not be there yet, or twice in a row
        await client.jetstream().delete_stream(STREAM)
    await client.close()
