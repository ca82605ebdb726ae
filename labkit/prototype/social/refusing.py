"""Why a delivery is refused, as an HTTP problem (RFC 9457) that a program can tell from another."""

from litestar import Response

from labkit.answers import Problem
from labkit.prototype.texts import Texts

MEDIA_TYPE = "application/problem+json"
STATUS = {"unsigned": 401, "forged": 401, "stale": 401, "malformed": 400, "too-large": 413}


class PostRefused(Exception):
    """A delivery was refused; `code` is one of `STATUS`."""

    def __init__(self, code: str, *, reason: str = "") -> None:
        """Keep which refusal it is, and what a decoder said."""
        super().__init__(code)
        self.code, self.reason = code, reason


def respond(refused: PostRefused, texts: Texts) -> Response[Problem]:
    """Answer with the problem that names a refusal."""
    status = STATUS[refused.code]
    detail = texts(f"social.refused.{refused.code}")
    problem = Problem(
        type=f"/problems/{refused.code}-post",
        title=f"{refused.code} post".replace("-", " "),
        status=status,
        detail=f"{detail} {refused.reason}".strip(),
    )
    return Response(problem, status_code=status, media_type=MEDIA_TYPE)
