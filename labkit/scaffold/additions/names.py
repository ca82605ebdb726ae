"""How the parts of a project are called: one name as it is typed, and the forms that code, files and texts need of it.

`ALLERGY-SEEN`, `AllergySeen` and `allergy_seen` are the same name; accents stay in what people read, and nowhere else.
"""

import keyword
import re
import unicodedata

from msgspec import Struct

from labkit.scaffold.additions.failures import BadName

LENGTH_MAX = 40
_BETWEEN_WORDS = re.compile(r"[\W_]+|(?<=[a-z0-9])(?=[A-Z])")
_VERSION = re.compile(r"\.v[0-9]+$")
_STEM = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class Name(Struct, frozen=True):
    """A name, as the words that it is made of."""

    words: tuple[str, ...]

    @property
    def stem(self) -> str:
        """Return what events, pages and texts are known by: `allergy-seen`."""
        return "-".join(map(_plain, self.words))

    @property
    def variable(self) -> str:
        """Return what functions, fields and files are called: `allergy_seen`."""
        return self.stem.replace("-", "_")

    @property
    def type_name(self) -> str:
        """Return what types are called: `AllergySeen`."""
        return "".join(map(str.capitalize, self.stem.split("-")))

    @property
    def title(self) -> str:
        """Return what people read until somebody finds a better word: `Allergy seen`."""
        said = " ".join(self.words)
        return said[0].upper() + said[1:]


def read_name(text: str) -> Name:
    """Return the name that was typed.

    Raises:
        BadName: no event, page or function could be called that.
    """
    words = (word.lower() for word in _BETWEEN_WORDS.split(_VERSION.sub("", text.strip())))
    name = Name(tuple(word for word in words if word))
    reserved = keyword.iskeyword(name.variable) or keyword.iskeyword(name.type_name)
    if reserved or not _STEM.fullmatch(name.stem) or len(name.stem) > LENGTH_MAX:
        raise BadName(name=text, most=LENGTH_MAX)
    return name


def _plain(word: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", word) if not unicodedata.combining(letter))
