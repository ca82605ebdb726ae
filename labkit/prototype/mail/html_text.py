"""From HTML to plain text: what is read, in its order, quotations marked with `>`. Pure; nothing is ever rendered."""

import re
from html.parser import HTMLParser

QUOTED_MAX = 3
_SILENT = {"script", "style", "template", "title"}
_LINES = {"address", "blockquote", "br", "div", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "table"}
_LINES |= {"tr", "ul"}
_SPACED = {"p", "h1", "h2", "h3", "h4", "h5", "h6"}


def text_of(html: str) -> str:
    """Return the text of a page; of one too broken to be followed, its words between tags."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text() or " ".join(re.sub(r"<[^<>]*>", " ", html).split())


class _Reader(HTMLParser):
    """Collects lines as tags and words come, balanced or not."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[list[str]] = [[]]
        self._silent = 0
        self._quoted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  # the signature
        self._silent = 0 if tag == "body" else self._silent + (tag in _SILENT)
        if tag in _LINES:
            self._end_line(spaced=tag in _SPACED)
        self._quoted = min(QUOTED_MAX, self._quoted + (tag == "blockquote"))
        if tag == "li":
            self._say("- ")
        elif tag in ("td", "th"):
            self._say(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        if tag in _LINES:
            self._end_line(spaced=tag in _SPACED)
        if tag == "blockquote":
            self._quoted = max(0, self._quoted - 1)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._say(data)

    def text(self) -> str:
        """Return the lines, with at most one empty one between two."""
        kept: list[str] = []
        for line in ("".join(words) for words in self._lines):
            quote, _, said = line.rpartition("\0")
            shown = quote + " ".join(said.split())
            if shown.strip(" >") or (kept and kept[-1]):
                kept.append(shown.rstrip() if shown.strip(" >") else "")
        return "\n".join(kept).strip()

    def _say(self, words: str) -> None:
        if not self._lines[-1] and self._quoted:
            self._lines[-1].append("> " * self._quoted + "\0")
        self._lines[-1].append(words)

    def _end_line(self, *, spaced: bool) -> None:
        if self._lines[-1]:
            self._lines.append([])
            if spaced:
                self._lines.append([])
