"""The words on screen: message ids in English, the Chinese of them in locale/, one language a session or command."""

import re
import string
from collections.abc import Callable
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from db import codes, rights
from db.errors import StorageError
from db.imports.kinds import KINDS
from db.log.fields import FIELDS

LANGUAGES = {"zh": "中文", "en": "English"}
CATALOG = Path(__file__).parents[1] / "locale" / "zh_CN" / "LC_MESSAGES" / "messages.po"
FILES = {one.name: one.zh for one in KINDS}
CODES = (
    codes.KINDS
    | codes.CHANNELS
    | codes.METHODS
    | codes.CUSTOMER_KINDS
    | codes.FAMILIES
    | codes.LEVELS
    | codes.TIERS
    | codes.DAY_PARTS
    | codes.MEASURES
    | FILES
    | codes.ROLES
    | codes.STANDING_IN
    | codes.DEEDS
    | codes.MESSAGE_STATES
    | codes.MESSAGE_KINDS
    | codes.CHAT_SERVICES
    | codes.LOST_REASONS
    | codes.NEXT_STEPS
    | codes.CAUSES
    | codes.REACTIONS
    | codes.ACTION_OWNERS
    | codes.ATTENDANCE
    | codes.MEETINGS_IN_TRAIL
    | codes.SHELF
    | codes.VISIT_PARTS
    | rights.WORDS
    | {code: zh for one in FIELDS for code, zh in one.codes.items()}
)

ADDRESS = re.compile(r"://|www(?=\.)|@", re.IGNORECASE)
SIGN = re.compile(f"[{re.escape(string.punctuation)}]")
_language: ContextVar[str] = ContextVar("language", default="zh")


def speak(language: str) -> None:
    """Sets the language of everything said from here on in this session or command; an unknown one is Chinese."""
    _language.set(language if language in LANGUAGES else "zh")


def language() -> str:
    return _language.get()


@cache
def chinese() -> dict[str, str]:
    """The Chinese by message; of a message that counts something, by its singular."""
    with CATALOG.open("rb") as file:
        catalogue = [(one.id, one.string) for one in read_po(file) if one.id and one.string]
    return {
        one if isinstance(one, str) else one[0]: text if isinstance(text, str) else text[0] for one, text in catalogue
    }


def _(message: str, **values) -> str:
    """The message in the session's language, its {places} filled."""
    text = chinese().get(message, message) if language() == "zh" else message
    return text.format(**values) if values else text


def ngettext(one: str, many: str, count: float, **values) -> str:
    """The message that fits the count: `one` with 1, else `many`; in Chinese they are the same. {number} is the count,
    unless a value says how it is written."""
    message = one if language() == "zh" or abs(count) == 1 else many
    return _(message).format(**{"number": f"{count:,}"} | values)


def say(error: StorageError, write: Callable[[str], str] = str) -> str:
    """A refusal in the user's words; `write` makes stored text fit for where it goes (plain, for the pages)."""
    values = {name: CODES.get(value, value) if language() == "zh" else value for name, value in error.values.items()}
    return _(error.message, **{name: write(str(value)) for name, value in values.items()})


def plain(text: str) -> str:
    """Stored text for where Streamlit reads markdown: shown as it stands, no picture, link, colour or formula in it. An
    address is made a link after the backslashes are gone; a mark that shows nothing keeps it apart."""
    return SIGN.sub(r"\\\g<0>", ADDRESS.sub("\\g<0>\u2060", text))


def word(code: str | None) -> str:
    """A stored code as a word: its Chinese name, or readable English; "—" for none."""
    if code is None:
        return "—"
    return CODES.get(code, code) if language() == "zh" else code.replace("_", " ").capitalize()
