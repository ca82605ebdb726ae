"""Help between neighbours: what people are asked, page after page, what agents add, what follows."""

from labkit.prototype import Page, Service, Variant

from {{ cookiecutter.package_name }}.events import (
    CharterAccepted,
    HelpDescribed,
    MatchEnded,
    MatchProposed,
    NeighbourIntroduced,
    NoticeFlagged,
    NoticePublished,
    NoticeReviewed,
    TransportDescribed,
)
from {{ cookiecutter.package_name }}.rules import (
    follow,
    is_matched,
    is_published,
    is_transport,
    met_share,
)

SERVICE = Service(
    pages=(
        Page("help", HelpDescribed),
        Page("transport", TransportDescribed, when=is_transport),
        Page("neighbour", NeighbourIntroduced),
        Page("charter", CharterAccepted),
    ),
    desk=(
        Page("review", NoticeReviewed),
        Page("match", MatchProposed, when=is_published),
        Page("outcome", MatchEnded, when=is_matched),
    ),
    rules=(follow,),
    events=(
        NoticeFlagged,
        NoticePublished,
    ),
    # Do people ask more readily where offers are shown first?
    variants=(Variant("wall", ("offers-first", "requests-first")),),
    measures={"met-share": met_share},
)
