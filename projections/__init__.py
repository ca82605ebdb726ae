"""The read side: views folded from the published events, and what people see of them."""

from projections import (
    chatbot,
    counter,
    email,
    inbox,
    internal,
    mobile,
    open311,
    overview,
    partner,
    post,
    social,
    telephone,
    timeline,
    web,
)
from projections.engine.view import View

VIEWS: tuple[View, ...] = (
    inbox.VIEW,
    counter.VIEW,
    telephone.VIEW,
    web.VIEW,
    mobile.VIEW,
    email.VIEW,
    post.VIEW,
    social.VIEW,
    chatbot.VIEW,
    partner.VIEW,
    internal.VIEW,
    timeline.VIEW,
    overview.VIEW,
    open311.VIEW,
)
