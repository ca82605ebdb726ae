"""From HTML to plain text: what is read, in its order, quotations marked with `>`. Pure; nothing is ever rendered.

The tags are found by a scanner of our own, in one pass: the standard library's parser takes minutes over a hundred
kilobytes of `<!--`. It is no judge of HTML: what is no tag is text.
"""

import html
import re
from collections.abc import Iterator
from string import ascii_uppercase

QUOTED_MAX = 3
_SILENT = {name: f"</{name}" for name in ("script", "style", "template", "title")}
_LINES = {"address", "blockquote", "br", "div", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "table"}
_LINES |= {"tr", "ul"}
_SPACED = {"p", "h1", "h2", "h3", "h4", "h5", "h6"}
_TAG = re.compile(r"/?[a-z][a-z0-9]{0,20}")
_SMALL = {ord(letter): letter.lower() for letter in ascii_uppercase}


def text_of(page: str) -> str:
    """Return the text of a page, with at most one empty line between two."""
    kept: list[str] = []
    for line in _lines(page):
        if line.strip(" >") or (kept and kept[-1]):
            kept.append(line if line.strip(" >") else "")
    return "\n".join(kept).strip()


def _lines(page: str) -> Iterator[str]:
    words: list[str] = []
    quoted = 0
    for said, tag in _pieces(page):
        words.append(said)
        name = tag.lstrip("/")
        if name in _LINES:
            line = _line(words, quoted)
            if line or name == "br":
                yield line
            words = ["- "] if tag == "li" else []
        if name in _SPACED:
            yield ""
        if name in ("td", "th"):
            words.append(" ")
        if name == "blockquote":
            quoted = min(QUOTED_MAX, quoted + 1) if tag == name else max(0, quoted - 1)
    yield _line(words, quoted)


def _line(words: list[str], quoted: int) -> str:
    line = " ".join("".join(words).split())
    return "> " * quoted + line if line else ""


def _pieces(page: str) -> Iterator[tuple[str, str]]:
    """Yield what is said before each tag, and the tag; the last piece has none."""
    small = page.translate(_SMALL)
    # Whatever is never closed is text: looking for its end again and again would take for ever.
    last = {end: small.rfind(end) for end in (">", "-->", *_SILENT.values())}
    place = start = 0
    while (opened := small.find("<", place)) >= 0:
        tag = _TAG.match(small, opened + 1)
        end = (
            "-->" if small.startswith("<!--", opened) else ">" if tag or small[opened + 1 : opened + 2] in "!?" else ""
        )
        if not end or last[end] < opened:
            place = opened + 1
            continue
        name = tag[0] if tag else ""
        yield _unescaped(page[start:opened]), name
        place = start = small.find(end, opened) + len(end)
        if name in _SILENT and last[_SILENT[name]] >= start:
            place = start = small.find(_SILENT[name], start)
    yield _unescaped(page[start:]), ""


def _unescaped(text: str) -> str:
    try:
        return html.unescape(text)
    except ValueError:  # The number of a character may have more digits than Python reads.
        return text
