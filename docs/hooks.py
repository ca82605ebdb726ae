"""What the configuration cannot say; a builder without hooks gives a working site all the same."""

import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.pages import Page

PICTURE = re.compile(r"<!-- picture (!\[[^\]]*\]\(([^)]+)\)) -->")


def on_page_markdown(markdown: str, *, config: MkDocsConfig, **_: object) -> str:
    """Show the pictures that were taken, and leave out the others."""
    taken = Path(config.docs_dir)
    return PICTURE.sub(lambda found: f"{found[1]}{{ loading=lazy }}" if (taken / found[2]).is_file() else "", markdown)


def on_page_context(context: dict[str, Any], *, page: Page, config: MkDocsConfig, **_: object) -> None:  # noqa: ARG001
    """Point each page at the same page in the other language, not at its home page."""
    for alternate in config.extra["alternate"]:
        alternate["link"] = f"../{alternate['lang']}/{page.url}"


def on_post_template(output: str, *, template_name: str, **_: object) -> str:
    """Leave out the error page: it links from the root of a host, where this site may not be."""
    return "" if template_name == "404.html" else output
