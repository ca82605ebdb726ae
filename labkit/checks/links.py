"""The links of the pages that were shown: each leads to a page, and to a place in it that there is."""

from collections.abc import Iterator
from urllib.parse import urldefrag, urljoin

from labkit.checks.findings import Finding
from labkit.checks.markup import Document, ids_of, links_of
from labkit.checks.visits import Visit
from labkit.prototype.trying import Trial

LINKS_MAX = 500
_FAILED = 400


def check_links(trial: Trial, documents: list[Document]) -> Iterator[Finding]:
    """Find links that lead nowhere; each address is asked for once."""
    known: dict[str, bool] = {}
    for document in documents:
        visit, ids = document.visit, ids_of(document)
        for link in links_of(document):
            path, place = urldefrag(urljoin(visit.address.path, link))
            if not link or (link.startswith("#") and place and place not in ids):
                yield _found(visit, link)
            elif not link.startswith("#") and path not in known and len(known) < LINKS_MAX:
                known[path] = _leads_somewhere(trial, path)
                if not known[path]:
                    yield _found(visit, link)


def _leads_somewhere(trial: Trial, path: str) -> bool:
    try:
        return trial.browser.get(path).status_code < _FAILED
    except Exception:  # noqa: BLE001  # Whatever a page fails of, a link to it leads nowhere.
        return False


def _found(visit: Visit, link: str) -> Finding:
    return Finding(
        severity="error",
        where=visit.address.label,
        what="check.dead-link",
        mend="check.mend-link",
        details={"link": link},
    )
