"""What the machine can say and recognise: the words of the reader's language first, and the prepared answers.

Every language of the project is recognised at any moment, so that a change of language loses nothing that was said.
"""

from msgspec import Struct

from labkit.prototype.channel_settings import read_settings
from labkit.prototype.conversation.wording import listed, plain
from labkit.prototype.project import Project
from labkit.prototype.texts import Texts
from ledger.domain.vocabulary import Channel, Language


class PreparedAnswer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An answer written beforehand, and the words that call for it, by language."""

    keywords: dict[Language, tuple[str, ...]]
    answer: dict[Language, str]

    def calls(self) -> tuple[str, ...]:
        """Return the words that call for it in any language."""
        return tuple(filter(None, (plain(word) for words in self.keywords.values() for word in words)))


class ChatbotSettings(Struct, frozen=True, kw_only=True):
    """What `channels/chatbot.toml` says beside words: `[[faq]]`."""

    faq: tuple[PreparedAnswer, ...] = ()


class Script(Struct, frozen=True, kw_only=True):
    """What the machine can say to one reader, and recognise."""

    texts: Texts
    others: tuple[Texts, ...] = ()
    prepared: tuple[PreparedAnswer, ...] = ()

    @property
    def every(self) -> tuple[Texts, ...]:
        """Return the words of every language, the reader's first."""
        return (self.texts, *self.others)

    def phrases(self, kind: str) -> tuple[str, ...]:
        """Return the phrases of one kind that are recognised, ready to be compared."""
        return tuple(phrase for texts in self.every for phrase in listed(texts(f"chatbot.words.{kind}")))


def script_of(project: Project, language: Language) -> Script:
    """Return the script of a project for one reader.

    Raises:
        BrokenProject: the prepared answers cannot be read.
    """
    others = tuple(project.texts(other) for other in project.languages if other != language)
    settings = read_settings(project, Channel.CHATBOT, ChatbotSettings)
    return Script(texts=project.texts(language), others=others, prepared=settings.faq)
