"""The reference pages, in both languages: which there are, and that of refusals.

`python -m labkit.reference` writes them all under `docs/`. English meanings are docstrings; every other word is in
`reference.toml`, or in the contract.
"""

from pathlib import Path
from string import Formatter
from typing import get_args

from labkit.reference_cli import cli_page
from labkit.reference_events import event_page, events_page
from labkit.reference_fields import meaning
from labkit.reference_texts import texts, typeset
from ledger.domain.errors import REFUSALS
from ledger.domain.events import BY_TAG
from ledger.domain.vocabulary import Language

LANGUAGES: tuple[Language, ...] = get_args(Language)


def pages() -> dict[str, str]:
    """Return each page by its path from the root of the project."""
    found: dict[str, str] = {}
    for language in LANGUAGES:
        below = f"docs/{language}/reference"
        found[f"{below}/events.md"] = events_page(language)
        found |= {f"{below}/events/{tag}.md": event_page(tag, language) for tag in BY_TAG}
        found[f"{below}/refusals.md"] = refusals_page(language)
        found[f"{below}/cli.md"] = cli_page(language)
    return found


def write(root: Path) -> None:
    """Write all pages."""
    for path, text in pages().items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def refusals_page(language: Language) -> str:
    """Return the page of every rule that may say no."""
    page = {name: said.to(language).strip() for name, said in texts().page.items()}
    blocks = [f"# {page['refusals']}", page["generated"], page["refusals-intro"]]
    for code, refusal in REFUSALS.items():
        messages = f"- {_named(refusal.en)}\n- {_named(typeset(refusal.fr))}"
        blocks += [
            f"## `{code}` {{ #{code} }}",
            meaning(refusal, texts().refusal[code], language),
            messages if language == "en" else "\n".join(reversed(messages.splitlines())),
        ]
    return "\n\n".join(blocks) + "\n"


def _named(message: str) -> str:
    """Return a message with the names of its details in italics."""
    return "".join(text + (f"*{name}*" if name else "") for text, name, _, _ in Formatter().parse(message))


if __name__ == "__main__":
    write(Path.cwd())
