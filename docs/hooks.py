"""What the configuration cannot say; a builder without hooks gives a working site all the same."""

from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.pages import Page


def on_page_context(context: dict[str, Any], *, page: Page, config: MkDocsConfig, **_: object) -> None:  # noqa: ARG001
    """Point each page at the same page in the other language, not at its home page."""
    for alternate in config.extra["alternate"]:
        alternate["link"] = f"../{alternate['lang']}/{page.url}"


def on_post_template(output: str, *, template_name: str, **_: object) -> str:
    """Leave out the error page: it links from the root of a host, where this site may not be."""
    return "" if template_name == "404.html" else output
