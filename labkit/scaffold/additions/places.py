"""Where a piece of parsed code stands in its text: `ast` counts lines and bytes, the positions here are characters."""

import ast
import re
from itertools import accumulate

from labkit.scaffold.additions.failures import BeyondRecognition

_COMMA = re.compile(r"\s*,")
_REST_OF_LINE = re.compile(r"[ \t]*(#[^\n]*)?(?=\n|$)")


class Code:
    """One module: its text, its tree, and where each part of the tree is in the text."""

    def __init__(self, text: str, *, file: str, by_hand: str) -> None:
        """Parse a module; `by_hand` is what somebody is told to add if it cannot be edited.

        Raises:
            BeyondRecognition: it is not Python.
        """
        self.text, self.file, self.by_hand = text, file, by_hand
        try:
            self.tree = ast.parse(text)
        except (SyntaxError, ValueError) as error:
            raise self.beyond("add.not-python") from error
        # Python ends a line here alone; a text has further signs that `splitlines` would take for an end.
        self._lines = [f"{line}\n" for line in text.split("\n")]
        self._starts = [0, *accumulate(map(len, self._lines))]

    def beyond(self, why: str) -> BeyondRecognition:
        """Return what to raise when this module cannot be edited; `why` names a text."""
        return BeyondRecognition(why, file=self.file, by_hand=self.by_hand)

    def start(self, node: ast.expr | ast.stmt | ast.keyword) -> int:
        """Return where a node begins."""
        return self._at(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt | ast.keyword) -> int:
        """Return where a node ends."""
        return self._at(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)

    def source(self, node: ast.expr | ast.stmt | ast.keyword) -> str:
        """Return a node as it is written."""
        return self.text[self.start(node) : self.end(node)]

    def indent(self, position: int) -> str:
        """Return the blanks that the line of a position begins with."""
        line = self.text[self.text.rfind("\n", 0, position) + 1 :]
        return line[: len(line) - len(line.lstrip(" \t"))]

    def line_end(self, position: int) -> int:
        """Return where a line ends, the comment after a position included.

        Raises:
            BeyondRecognition: other code follows on the line.
        """
        rest = _REST_OF_LINE.match(self.text, position)
        if rest is None:
            raise self.beyond("add.not-laid-out")
        return rest.end()

    def with_line(self, position: int, line: str) -> str:
        """Return the text with one more line after the item that ends at a position, and a comma between them."""
        comma = _COMMA.match(self.text, position)
        at = self.line_end(comma.end() if comma else position)
        before = self.text[position:at] if comma else f",{self.text[position:at]}"
        return f"{self.text[:position]}{before}\n{line}{self.text[at:]}"

    def _at(self, line: int, byte: int) -> int:
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:byte].decode())
