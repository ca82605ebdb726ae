"""What is chosen in the lab for this browser alone: whom one plays, which variants, which colours."""

from typing import Any

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.exceptions import NotFoundException

from labkit.prototype.lab.frame import here_of, lab
from labkit.prototype.lab.looks import kit_themes
from labkit.prototype.questions import Form
from labkit.prototype.serving import Asked, Prototype, form_of, mode_of, one, see
from labkit.prototype.variants import read_choices, variant_of, written
from labkit.prototype.visiting import MODE, PARTICIPANT, PERSONA, THEME, VARIANTS, kept


def routes(prototype: Prototype) -> list[Any]:
    """Return the routes by which things are chosen."""

    @get("/_lab/{lang:str}/variants", sync_to_thread=False)
    def variants(request: Asked) -> Response[str]:
        """Show the features and which variant of each is on."""
        chosen = read_choices(request.cookies.get(VARIANTS))
        features = prototype.service.variants
        return prototype.page(
            "lab_variants.html",
            request,
            features=[(feature, variant_of(feature, None, chosen)) for feature in features],
        )

    @post("/_lab/{lang:str}/choose/{what:str}", status_code=303)
    async def choose(request: Asked) -> Response[Any]:
        """Keep a choice in a cookie, and go back to the page that it was made on."""
        view, form = prototype.view(request), await form_of(request)
        answer = see(here_of(form, lab(view.language)))
        answer.set_cookie(_cookie(prototype, request, form))
        return answer

    return [variants, choose]


def _cookie(prototype: Prototype, request: Asked, form: Form) -> Cookie:
    what, value = request.path_params["what"], one(form, "value")
    if what == MODE:
        return kept(MODE, mode_of(value))
    if what == PERSONA:
        return kept(PERSONA, value if value in prototype.project.personas() else None)
    if what == THEME:
        return kept(THEME, value if value in kit_themes() else None)
    if what == VARIANTS:
        chosen = {feature.feature: one(form, feature.feature) for feature in prototype.service.variants}
        known = {name: choice for name, choice in chosen.items() if choice}
        return kept(VARIANTS, written(known))
    if what == PARTICIPANT:
        return kept(PARTICIPANT, None)
    raise NotFoundException
