"""What one round of the soak does: drawn from its seed alone, so that the seed of a failure repeats the plan."""

import random
from enum import StrEnum
from typing import NamedTuple

FAULTS_A_ROUND = 5
PAUSE_S = (0.1, 0.8)


class Store(StrEnum):
    """Where the ledger of a round lives."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


class Fault(StrEnum):
    """What is done to the processes and their files while clients send commands."""

    KILL_WRITER = "kill -9 writer"
    KILL_RELAY = "kill -9 relay"
    KILL_PROJECTOR = "kill -9 projector"
    KILL_NATS = "kill -9 nats-server"
    KILL_POSTMASTER = "kill -9 postmaster"
    KILL_BACKEND = "kill -9 one PostgreSQL backend"
    KILL_ALL = "kill -9 everything at once"
    STOP_WRITER = "SIGSTOP writer"
    STOP_RELAY = "SIGSTOP relay"
    STOP_PROJECTOR = "SIGSTOP projector"
    STOP_NATS = "SIGSTOP nats-server"
    STOP_POSTGRESQL = "SIGSTOP PostgreSQL"
    FULL_DISK = "full disk"
    DELETED_STREAM = "stream deleted"
    TWO_RELAYS = "two relays at once"
    CLOCK_BACK = "clock set back an hour"
    TORN_LOG = "torn write-ahead log, on a copy"
    OLDER_LEDGER = "older ledger restored, on a copy"


_OF_POSTGRESQL = frozenset({Fault.KILL_POSTMASTER, Fault.KILL_BACKEND, Fault.STOP_POSTGRESQL})
_OF_SQLITE = frozenset({Fault.TORN_LOG})


class Blow(NamedTuple):
    """One fault: how long the machine runs before it, and how long it lasts."""

    fault: Fault
    after_s: float
    lasts_s: float


class Plan(NamedTuple):
    """One round."""

    seed: int
    store: Store
    blows: tuple[Blow, ...]

    @property
    def told(self) -> str:
        return ", ".join(f"{blow.fault} ({blow.lasts_s:.1f} s)" for blow in self.blows)


def plan_of(seed: int) -> Plan:
    """Return the plan of a seed: an even one has its ledger on SQLite, an odd one on PostgreSQL."""
    store = Store.POSTGRESQL if seed % 2 else Store.SQLITE
    draw = random.Random(seed)
    faults = draw.sample(faults_on(store), FAULTS_A_ROUND)
    return Plan(seed, store, tuple(blow_of(draw, fault) for fault in faults))


def planned(seed: int, store: Store, *faults: Fault) -> Plan:
    """Return a plan of faults that somebody chose."""
    draw = random.Random(seed)
    return Plan(seed, store, tuple(blow_of(draw, fault) for fault in faults))


def blow_of(draw: random.Random, fault: Fault) -> Blow:
    return Blow(fault, draw.uniform(*PAUSE_S), draw.uniform(*PAUSE_S))


def faults_on(store: Store) -> list[Fault]:
    """Return what can be done to a store."""
    others = _OF_SQLITE if store is Store.POSTGRESQL else _OF_POSTGRESQL
    return [fault for fault in Fault if fault not in others]
