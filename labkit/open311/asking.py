"""What is looked for in lists: of which authority, since when, how many at a time, near which place."""

from collections.abc import Sequence
from http import HTTPStatus

from labkit.open311.errors import refused
from labkit.open311.parameters import Parameters
from ledger.domain.vocabulary import CaseStatus
from projections.open311 import Near, Offer, Sought

DAYS_MAX = 90
SPAN_MAX = DAYS_MAX * 86_400_000_000
PAGE_SIZE_MAX = 1_000
PAGE_MAX = 10_000
RADIUS_MAX_M = 50_000.0


def jurisdiction(given: Parameters, offers: Sequence[Offer]) -> str:
    """Return the authority that is asked: the one that is named by its SIREN, or the only one there is.

    Raises:
        Refused: it is not known here, or there are several and none is named.
    """
    known = {offer.authority for offer in offers}
    named = given.text("jurisdiction_id")
    if named and named not in known:
        raise refused(HTTPStatus.NOT_FOUND, "open311-error.unknown-jurisdiction", name=named)
    if not named and len(known) > 1:
        raise refused(HTTPStatus.BAD_REQUEST, "open311-error.which-jurisdiction", names=", ".join(sorted(known)))
    return named or next(iter(known), "")


def read_sought(given: Parameters, authority: str, now: int) -> Sought:
    """Return which requests of an authority are looked for; what is wrong is complained of."""
    since, until = _span(given, now)
    page_size = given.count("page_size", default=PAGE_SIZE_MAX, most=PAGE_SIZE_MAX)
    return Sought(
        authority=authority,
        since=since,
        until=until,
        limit=page_size,
        offset=(given.count("page", default=1, most=PAGE_MAX) - 1) * page_size,
        services=given.listed("service_code"),
        statuses=_statuses(given),
        near=_near(given),
    )


def _span(given: Parameters, now: int) -> tuple[int, int]:
    since, until = given.moment("start_date"), given.moment("end_date")
    if since is not None and until is not None:
        if until < since:
            given.complain("open311-error.span-backwards")
        if until - since > SPAN_MAX:
            given.complain("open311-error.span-too-long", days=DAYS_MAX)
        return since, until
    if since is not None:
        return since, min(now, since + SPAN_MAX)
    last = now if until is None else until
    return last - SPAN_MAX, last


def _statuses(given: Parameters) -> tuple[str, ...]:
    statuses = given.listed("status")
    known = [status.value for status in CaseStatus]
    if not set(statuses) <= set(known):
        given.complain("open311-error.bad-status", known=", ".join(known))
    return statuses


def _near(given: Parameters) -> Near | None:
    lat, long = given.number("lat", -90, 90), given.number("long", -180, 180)
    radius_m = given.number("radius", 1, RADIUS_MAX_M)
    told = [bool(given.all(name)) for name in ("lat", "long", "radius")]
    if any(told) and not all(told):
        given.complain("open311-error.half-search")
    return None if lat is None or long is None or radius_m is None else Near(lat=lat, long=long, radius_m=radius_m)
