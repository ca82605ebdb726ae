"""Two contracts compared: what changed for who reads the stream and for who calls the site, and what of it breaks them.

A contract is the documents that `python -m labkit.contract` writes, by name: `schemas/case-opened.v1`, `asyncapi`,
`openapi`. Pure: where they come from is decided elsewhere.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from labkit.contract.differing import Change, Differing, Rule, Side, changed

Contract = Mapping[str, Mapping[str, Any]]

ASYNCAPI, OPENAPI, SCHEMAS = "asyncapi", "openapi", "schemas/"

_BOTH = frozenset(Side)
EVENT_ADDED = Rule("contract-change.event-added", frozenset())
EVENT_REMOVED = Rule("contract-change.event-removed", _BOTH)
ADDRESS_ADDED = Rule("contract-change.address-added", frozenset())
ADDRESS_REMOVED = Rule("contract-change.address-removed", _BOTH)
PARAMETER_ADDED = Rule("contract-change.parameter-added", frozenset())
PARAMETER_REMOVED = Rule("contract-change.parameter-removed", _BOTH)
PARAMETER_NEEDED = Rule("contract-change.parameter-needed", _BOTH)
PARAMETER_FREE = Rule("contract-change.parameter-free", frozenset())
ANSWER_ADDED = Rule("contract-change.answer-added", frozenset())
ANSWER_CHANGED = Rule("contract-change.answer-changed", _BOTH)
FORM_REMOVED = Rule("contract-change.form-removed", _BOTH)
FORM_ADDED = Rule("contract-change.form-added", frozenset())
HEADER_REMOVED = Rule("contract-change.header-removed", _BOTH)
CLOSED_OFF = Rule("contract-change.closed-off", _BOTH)
OPENED_UP = Rule("contract-change.opened-up", frozenset())
STREAM_CHANGED = Rule("contract-change.stream-changed", _BOTH)

_OF_THE_STREAM = ("stream", "subjects", "domain", "apiPrefix")
_DONE = re.compile("[23]..")


def compare(old: Contract, new: Contract) -> list[Change]:
    """Return every change, what breaks first."""
    found = [*_events(old, new), *_stream(old.get(ASYNCAPI, {}), new.get(ASYNCAPI, {}))]
    found += _site(old.get(OPENAPI, {}), new.get(OPENAPI, {}))
    return sorted(found, key=lambda change: (not change.breaking, change.where, change.text, sorted(change.details)))


def _events(old: Contract, new: Contract) -> Iterator[Change]:
    before, now = ({name for name in each if name.startswith(SCHEMAS)} for each in (old, new))
    for name in before - now:
        yield _change(EVENT_REMOVED, name, name=name.removeprefix(SCHEMAS))
    for name in now - before:
        yield _change(EVENT_ADDED, name, name=name.removeprefix(SCHEMAS))
    for name in before & now:
        if old[name].get("$id") != new[name].get("$id"):
            yield _change(STREAM_CHANGED, name, name="$id", before=old[name].get("$id"), now=new[name].get("$id"))
        yield from Differing(old[name], new[name], Side.READING).schemas(old[name], new[name], name)


def _stream(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """Yield what became of the subjects and messages; their data are compared as schemas."""
    before, now = old.get("channels", {}), new.get("channels", {})
    yield from _gone_and_new(before, now, ASYNCAPI, (EVENT_REMOVED, EVENT_ADDED))
    for name in before.keys() & now.keys():
        where = f"{ASYNCAPI} {name}"
        yield from _moved(before[name], now[name], where, ("address",))
        rules = (PARAMETER_REMOVED, PARAMETER_ADDED)
        yield from _gone_and_new(before[name].get("parameters", {}), now[name].get("parameters", {}), where, rules)
        yield from _gone_and_new(before[name]["messages"], now[name]["messages"], where, (EVENT_REMOVED, EVENT_ADDED))
    messages_before, messages_now = (each.get("components", {}).get("messages", {}) for each in (old, new))
    for tag in messages_before.keys() & messages_now.keys():
        where = f"{ASYNCAPI} {tag}"
        yield from _moved(messages_before[tag], messages_now[tag], where, ("name", "contentType"))
        headers_before, headers_now = (each[tag].get("headers", {}) for each in (messages_before, messages_now))
        yield from Differing(old, new, Side.READING).schemas(headers_before, headers_now, f"{where} headers")
    yield from _moved(old.get("x-jetstream", {}), new.get("x-jetstream", {}), ASYNCAPI, _OF_THE_STREAM)


def _site(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    before, now = _operations(old), _operations(new)
    yield from _gone_and_new(before, now, OPENAPI, (ADDRESS_REMOVED, ADDRESS_ADDED))
    for name in before.keys() & now.keys():
        yield from _Operation(old, new, f"{OPENAPI} {name}").changes(before[name], now[name])


def _operations(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return each by method and address; how a part of an address is called changes nothing."""
    return {
        f"{method.upper()} {re.sub('{[^}]*}', '{}', path)}": operation
        for path, methods in document.get("paths", {}).items()
        for method, operation in methods.items()
    }


class _Operation:
    """One method at one address, in two documents."""

    def __init__(self, old: Mapping[str, Any], new: Mapping[str, Any], where: str) -> None:
        self._old, self._new, self._where = old, new, where
        self._sent, self._read = Differing(old, new, Side.SENDING), Differing(old, new, Side.READING)

    def changes(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
        yield from self._parameters(old, new)
        yield from self._bodies(old.get("requestBody"), new.get("requestBody"))
        yield from self._answers(old["responses"], new["responses"])
        if bool(old.get("security")) != bool(new.get("security")):
            yield _change(CLOSED_OFF if new.get("security") else OPENED_UP, self._where)

    def _parameters(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
        before, now = _parameters(old, self._old), _parameters(new, self._new)
        for name in before.keys() - now.keys():
            yield _change(PARAMETER_REMOVED, self._where, name=name)
        for name in now.keys() - before.keys():
            needed = now[name].get("required", False)
            yield _change(PARAMETER_NEEDED if needed else PARAMETER_ADDED, self._where, name=name)
        for name in before.keys() & now.keys():
            needed_before, needed_now = (one[name].get("required", False) for one in (before, now))
            if needed_before != needed_now:
                yield _change(PARAMETER_NEEDED if needed_now else PARAMETER_FREE, self._where, name=name)
            yield from self._sent.schemas(before[name]["schema"], now[name]["schema"], f"{self._where} {name}")

    def _bodies(self, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Iterator[Change]:
        needed_before, needed_now = (bool(one and one.get("required")) for one in (old, new))
        if needed_before != needed_now:
            yield _change(PARAMETER_NEEDED if needed_now else PARAMETER_FREE, self._where, name="body")
        yield from self._contents(old or {}, new or {}, f"{self._where} body", self._sent)

    def _answers(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
        for status in old.keys() ^ new.keys():
            # Programs know what to do with any 4xx and 5xx, but not with another success than they were told of.
            rule = ANSWER_CHANGED if _DONE.fullmatch(status) else ANSWER_ADDED
            yield _change(rule, self._where, status=status)
        for status in old.keys() & new.keys():
            where = f"{self._where} {status}"
            for name in old[status].get("headers", {}).keys() - new[status].get("headers", {}).keys():
                yield _change(HEADER_REMOVED, where, name=name)
            yield from self._contents(old[status], new[status], where, self._read)

    def _contents(
        self, old: Mapping[str, Any], new: Mapping[str, Any], where: str, differing: Differing
    ) -> Iterator[Change]:
        before, now = old.get("content", {}), new.get("content", {})
        yield from _gone_and_new(before, now, where, (FORM_REMOVED, FORM_ADDED))
        for form in before.keys() & now.keys():
            yield from differing.schemas(before[form].get("schema", {}), now[form].get("schema", {}), where)


def _parameters(operation: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return each parameter by its name, those within the address by their place."""
    shared = document.get("components", {}).get("parameters", {})
    found = [shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one for one in operation["parameters"]]
    within = [one for one in found if one["in"] == "path"]
    named = {f"{one['in']} {one['name']}": one for one in found if one["in"] != "path"}
    return named | {f"path {place}": one for place, one in enumerate(within, start=1)}


def _gone_and_new(
    old: Mapping[str, Any], new: Mapping[str, Any], where: str, rules: tuple[Rule, Rule]
) -> Iterator[Change]:
    gone, added = rules
    yield from (_change(gone, where, name=name) for name in old.keys() - new.keys())
    yield from (_change(added, where, name=name) for name in new.keys() - old.keys())


def _moved(old: Mapping[str, Any], new: Mapping[str, Any], where: str, names: tuple[str, ...]) -> Iterator[Change]:
    for name in names:
        if old.get(name) != new.get(name):
            yield _change(STREAM_CHANGED, where, name=name, before=old.get(name), now=new.get(name))


def _change(rule: Rule, where: str, **details: object) -> Change:
    return changed(rule, where, Side.READING, **details)
