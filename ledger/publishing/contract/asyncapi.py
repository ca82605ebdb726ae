"""The stream as an AsyncAPI 3.0.0 document, from the side of a subscriber: a channel for each event, all to receive.

AsyncAPI says «channel» for what we call a subject. Its NATS binding (0.1.0) knows queues only, so what JetStream does
stands in `x-jetstream`. The payloads are in AsyncAPI's own dialect, older than the JSON Schemas beside: only keywords
that mean the same in both are used.
"""

from collections.abc import Iterator
from typing import Any

from ledger.domain.events import BY_TAG
from ledger.domain.vocabulary import Channel
from ledger.publishing.cloudevents import CONTENT_TYPE
from ledger.publishing.contract.envelope import envelope
from ledger.publishing.contract.examples import Samples
from ledger.publishing.contract.structs import Schema, components, said
from ledger.publishing.contract.texts import texts
from ledger.publishing.published import TYPE_PREFIX
from ledger.publishing.subjects import EVERYTHING, ROOT, event_of

ASYNCAPI_VERSION = "3.0.0"
BINDING_VERSION = "0.1.0"
CONTRACT_VERSION = "1.0.0"
"""Of what is published, not of the project: the second number moves with each addition, and nothing else ever does."""
STREAM = "LEDGER"
DOMAIN = "ledger"
_REFERENCE = "#/components/schemas/{name}"


def asyncapi(source: str, samples: Samples) -> dict[str, Any]:
    """Return the document of the ledger of a source, with a published message of each event for an example."""
    parts = components(_REFERENCE)
    return {
        "asyncapi": ASYNCAPI_VERSION,
        "id": source,
        "info": {
            "title": texts().stream["title"].en,
            "version": CONTRACT_VERSION,
            **said(texts().stream["description"]),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {"embedded": _server()},
        "channels": dict(_channels()),
        "operations": dict(_operations()),
        "components": {
            "messages": {tag: _message(tag, parts[kind.__name__], samples[tag]) for tag, kind in BY_TAG.items()},
            "schemas": {"CloudEvent": envelope(_REFERENCE), **parts},
            "securitySchemes": {"nkey": {"type": "asymmetricEncryption", **said(texts().stream["nkey"])}},
        },
        "x-jetstream": _jetstream(),
    }


def _server() -> dict[str, Any]:
    return {
        "host": "{host}:{port}",
        "protocol": "nats",
        **said(texts().stream["server"]),
        "variables": {"host": {"default": "127.0.0.1"}, "port": {"default": "4222"}},
        "security": [{"$ref": "#/components/securitySchemes/nkey"}],
    }


def _channels() -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the subjects of each event: versions of one event share them."""
    words = {name: texts().stream[name] for name in ("authority", "service", "channel")}
    for event, tags in _by_event().items():
        yield (
            event,
            {
                "address": f"{ROOT}.{{authority}}.{{service}}.{{channel}}.{event}",
                "parameters": {
                    "authority": {"description": words["authority"].en, **_located("authority")},
                    "service": {"description": words["service"].en, **_located("service")},
                    "channel": {
                        "description": words["channel"].en,
                        "enum": [channel.value for channel in Channel],
                        **_located("channel"),
                    },
                },
                "messages": {tag: {"$ref": f"#/components/messages/{tag}"} for tag in tags},
            },
        )


def _located(attribute: str) -> dict[str, str]:
    return {"location": f"$message.payload#/{attribute}"}


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for event, tags in _by_event().items():
        yield (
            f"receive-{event}",
            {
                "action": "receive",
                "channel": {"$ref": f"#/channels/{event}"},
                "messages": [{"$ref": f"#/channels/{event}/messages/{tag}"} for tag in tags],
                "bindings": {"nats": {"bindingVersion": BINDING_VERSION}},
                "x-jetstream": {"filterSubject": f"{ROOT}.*.*.*.{event}"},
            },
        )


def _message(tag: str, event: Schema, sample: dict[str, Any]) -> dict[str, Any]:
    told = {key: event[key] for key in ("title", "description", "x-label-fr", "x-description-fr")}
    return {
        "name": TYPE_PREFIX + tag,
        **told,
        "contentType": CONTENT_TYPE,
        "headers": {
            "type": "object",
            "properties": {
                "Content-Type": {"type": "string", "const": CONTENT_TYPE},
                "Nats-Msg-Id": {"type": "string", "format": "uuid", "description": texts().attribute["id"].en},
            },
            "required": ["Content-Type"],
        },
        "payload": {
            "allOf": [
                {"$ref": _REFERENCE.format(name="CloudEvent")},
                {
                    "type": "object",
                    "properties": {
                        "type": {"const": TYPE_PREFIX + tag},
                        "data": {"$ref": _REFERENCE.format(name=event["title"])},
                    },
                },
            ]
        },
        "examples": [
            {"name": tag, "headers": {"Content-Type": CONTENT_TYPE, "Nats-Msg-Id": sample["id"]}, "payload": sample}
        ],
    }


def _jetstream() -> dict[str, Any]:
    words = texts().stream
    return {
        "stream": STREAM,
        "subjects": [EVERYTHING],
        "domain": DOMAIN,
        "apiPrefix": f"$JS.{DOMAIN}.API",
        "mirror": said(words["mirror"]),
        "sequence": said(words["sequence"]),
        "order": said(words["order"]),
        "consumer": {"ackPolicy": ["explicit", "none"], "deliverPolicy": "by_start_sequence", **said(words["resume"])},
        "retention": {
            "policy": "limits",
            "storage": "file",
            "denyDelete": True,
            "denyPurge": True,
            **said(words["retention"]),
        },
    }


def _by_event() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for tag in BY_TAG:
        found.setdefault(event_of(tag), []).append(tag)
    return found
