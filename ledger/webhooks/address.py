"""Where deliveries may go: `https` anywhere, plain `http` on this machine alone.

Whoever may add an endpoint runs this machine: an address on a private network is theirs to choose.
"""

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

LENGTH_MAX = 2_000
PORTS = {"https": 443, "http": 80}
_PRINTABLE = re.compile(r"[!-~]+")


class BadAddress(ValueError):
    """Nothing may be delivered there; `args[0]` says why, in English."""


def checked(url: str) -> str:
    """Return an address to which deliveries may go.

    Raises:
        BadAddress: it is no such address.
    """
    if len(url) > LENGTH_MAX or not _PRINTABLE.fullmatch(url):
        raise BadAddress(f"it holds more than {LENGTH_MAX} characters, or others than printable ASCII")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise BadAddress(str(error)) from error
    if not host or parts.scheme not in PORTS:
        raise BadAddress("it is not https://host/path")
    if parts.username is not None or parts.fragment:
        raise BadAddress("it holds a user name or a fragment")
    if parts.scheme == "http" and not _is_loopback(host):
        raise BadAddress("plain http is for this machine alone: use https")
    return url


def resource(parts: SplitResult) -> str:
    """Return what an HTTP request names of an address."""
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
