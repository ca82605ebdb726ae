"""The kit's own words are the same in both languages: no page may lack one in only one of them."""

from string import Formatter

from labkit.prototype.texts import kit_words


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_word_is_there_in_both_languages_with_the_same_particulars() -> None:
    french, english = kit_words("fr"), kit_words("en")

    assert french.keys() == english.keys()
    for key, text in french.items():
        assert placeholders(text) == placeholders(english[key]), key
