"""The NATS account of an integrator: the real server, not our code, keeps each to a stream of their own.

That stream is a mirror of `LEDGER` with the subjects of their grant; message N stays the event at position N. The
account imports what it takes to read it, under the JetStream domain `ledger`, and nothing else: a list of permissions
in the ledger's own account would not do, for the reply subject of a pull request can be a subject of the ledger.
"""

from typing import Any

from ledger.access.registry import Integrator

LEDGER = "LEDGER"
DOMAIN = "ledger"
CONNECTIONS_MAX = 32
SUBSCRIPTIONS_MAX = 1_000
_READING = (
    "STREAM.INFO.{stream}",
    "STREAM.MSG.GET.{stream}",
    "DIRECT.GET.{stream}",
    "DIRECT.GET.{stream}.>",
    "CONSUMER.CREATE.{stream}",
    "CONSUMER.CREATE.{stream}.>",
    "CONSUMER.DURABLE.CREATE.{stream}.*",
    "CONSUMER.INFO.{stream}.*",
    "CONSUMER.LIST.{stream}",
    "CONSUMER.NAMES.{stream}",
    "CONSUMER.DELETE.{stream}.*",
    "CONSUMER.MSG.NEXT.{stream}.*",
)


def ledger_exports() -> list[dict[str, Any]]:
    """Return what the ledger's account lets others import; which of it each gets, their own account says."""
    return [{"service": subject, "response": "stream"} for subject in ("$JS.API.>", "$JS.ACK.>", "$JS.FC.>")]


def account_of(integrator: Integrator) -> dict[str, Any]:
    """Return the account of one integrator, as it stands in the configuration of the server."""
    asked = [request.format(stream=integrator.stream) for request in _READING]
    acknowledged = [f"$JS.ACK.{integrator.stream}.>", f"$JS.FC.{integrator.stream}.>"]
    permissions = {
        "publish": [*(f"$JS.{DOMAIN}.API.{request}" for request in asked), *acknowledged],
        "subscribe": ["_INBOX.>"],
    }
    return {
        "users": [{"nkey": integrator.nkey, "permissions": permissions}],
        "imports": [
            *({"service": _of_ledger(f"$JS.API.{request}"), "to": f"$JS.{DOMAIN}.API.{request}"} for request in asked),
            *({"service": _of_ledger(subject)} for subject in acknowledged),
        ],
        "limits": {"max_connections": CONNECTIONS_MAX, "max_subscriptions": SUBSCRIPTIONS_MAX},
    }


def accounts_of(integrators: list[Integrator]) -> dict[str, Any]:
    """Return the accounts of all integrators, by name."""
    return {integrator.name: account_of(integrator) for integrator in integrators}


def _of_ledger(subject: str) -> dict[str, str]:
    return {"account": LEDGER, "subject": subject}
