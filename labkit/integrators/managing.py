"""Integrators come and go: the list, the server that follows it, the file that is handed over, in that order.

What fails is undone, so that nobody is half let in. A server that does not run follows when it starts.
"""

import os
import re
import shutil
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from labkit.broker import prepare_broker, stream_folder
from labkit.failures import LabkitFailure, NothingRunning
from labkit.instance import find_instance
from labkit.integrators.credentials import (
    Secrets,
    credentials_of,
    fresh_secrets,
    integrator_of,
    rotated,
    write_credentials,
)
from labkit.integrators.failures import ACCESS, BadGrant, CredentialsExist
from labkit.integrators.server import RunningServer, write_for_operator
from labkit.options import PORT
from labkit.prerequisites import hold
from ledger.access.grants import EVENTS, Grant
from ledger.access.registry import AccessError, Integrator, Registry
from ledger.domain.identifiers import is_siren
from ledger.publishing.copies import Copy


class Made(Struct, frozen=True):
    """Who was let in, the file to hand over, and the file that the operator of another server is to include."""

    integrator: Integrator
    file: Path
    included: Path | None


class Integrators:
    """The integrators of one data directory."""

    def __init__(self, data: Path) -> None:
        """Find out where the ledger answers and where its server listens, if they run."""
        self._data = data
        self._registry = Registry(data)
        self._http_url, self._nats_url = f"http://127.0.0.1:{PORT}", os.environ.get("NATS_URL", "")
        self._server: RunningServer | None = None
        with suppress(NothingRunning):
            instance = find_instance(data)
            self._http_url = instance.url
            if instance.nats_url and not self._nats_url:
                self._nats_url, self._server = instance.nats_url, RunningServer(data, instance.nats_url)

    def all(self) -> list[Integrator]:
        """Return the integrators, by name."""
        try:
            return self._registry.all()
        except AccessError as error:
            raise _failure(error) from error

    def add(self, name: str, grant: Grant, file: Path, at: datetime) -> Made:
        """Let one in.

        Raises:
            LabkitFailure: the name cannot be one or is taken, the file exists, or the server does not follow.
        """
        drawn = fresh_secrets()
        integrator = _checked(integrator_of(name, grant, drawn, at))
        _refuse_existing(file)
        try:
            self._registry.add(integrator)
        except AccessError as error:
            raise _failure(error) from error
        try:
            if self._server is not None:
                self._server.copy(Copy(integrator.stream, grant.filters()))
            return self._hand_over(integrator, drawn, file)
        except BaseException:
            self._registry.remove(name)
            with suppress(LabkitFailure):
                self._put_out(integrator)
            raise

    def rotate(self, name: str, file: Path, at: datetime) -> Made:
        """Give one other secrets.

        Raises:
            LabkitFailure: there is none of that name, the file exists, or the server does not follow.
        """
        drawn = fresh_secrets()
        _refuse_existing(file)
        try:
            before = self._registry.get(name)
        except AccessError as error:
            raise _failure(error) from error
        integrator = rotated(before, drawn, at)
        self._registry.replace(integrator)
        try:
            return self._hand_over(integrator, drawn, file)
        except BaseException:
            self._registry.replace(before)
            with suppress(LabkitFailure):
                self._follow()
            raise

    def revoke(self, name: str) -> Path | None:
        """Put one out; return the file that the operator of another server is to include.

        Raises:
            LabkitFailure: there is none of that name, or the server does not follow: then it is to be asked again.
        """
        try:
            integrator = self._registry.remove(name)
        except AccessError as error:
            raise _failure(error) from error
        try:
            return self._put_out(integrator)
        except BaseException:
            # Still listed, so that nobody takes for put out who may be connected, and the verb can be tried again.
            self._registry.add(integrator)
            raise

    def _put_out(self, integrator: Integrator) -> Path | None:
        included = self._follow()
        if self._server is not None:
            self._server.drop(integrator.stream)
        elif included is None:
            # Nothing runs: what a killed run left is ended, and the stream is gone before a server can open it again.
            with hold(self._data):
                shutil.rmtree(stream_folder(self._data, integrator.stream), ignore_errors=True)
        return included

    def _hand_over(self, integrator: Integrator, drawn: Secrets, file: Path) -> Made:
        included = self._follow()
        # A server that does not run yet will listen where its settings, made here, say.
        nats_url = _without_password(self._nats_url or prepare_broker(self._data).url)
        write_credentials(credentials_of(integrator, drawn, nats_url=nats_url, http_url=self._http_url), file)
        return Made(integrator, file, included)

    def _follow(self) -> Path | None:
        if self._server is not None:
            self._server.follow()
            return None
        return write_for_operator(self._data) if os.environ.get("NATS_URL") else None


def granting(authority: str, services: tuple[str, ...], events: tuple[str, ...]) -> Grant:
    """Return a grant, checked.

    Raises:
        BadGrant: an authority, a service or an event that cannot be.
    """
    stems = tuple(event.partition(".")[0] for event in events)
    unknown = [stem for stem in stems if stem not in EVENTS]
    if unknown:
        raise BadGrant(reason=f"{unknown[0]} ∉ {', '.join(EVENTS)}")
    if not is_siren(authority):
        raise BadGrant(reason=f"SIREN {authority}")
    try:
        return msgspec.convert({"authority": authority, "services": services, "events": stems}, Grant)
    except msgspec.ValidationError as error:
        raise BadGrant(reason=error) from error


def _checked(integrator: Integrator) -> Integrator:
    try:
        return msgspec.convert(msgspec.to_builtins(integrator), Integrator)
    except msgspec.ValidationError as error:
        raise BadGrant(reason=f"{integrator.name!r}: {error}") from error


def _refuse_existing(file: Path) -> None:
    if file.exists():
        raise CredentialsExist(file=file)


def _failure(error: AccessError) -> LabkitFailure:
    return ACCESS[error.code](name=error.name)


def _without_password(url: str) -> str:
    return re.sub(r"//[^@/]*@", "//", url)
