"""Text that every format takes: without what would break a file, or turn round what stands after it."""

import dataclasses
import re
from typing import TypeVar

T = TypeVar("T")
LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Controls, half characters, code points that are none; and marks that change the direction of reading.
BAD = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)


def text(given: str) -> str:
    """The text with lines ended by \\n, tabs as a space, and nothing in it that XML, a PDF or a chat cannot hold."""
    return BAD.sub("", LINE_ENDS.sub("\n", given)).replace("\t", " ")


def clean(given: T) -> T:
    """The same document, section, block … with each of its texts cleaned."""
    if isinstance(given, str):
        return text(given)
    if isinstance(given, tuple):
        return tuple(clean(one) for one in given)
    if dataclasses.is_dataclass(given) and not isinstance(given, type):
        held = {one.name: clean(getattr(given, one.name)) for one in dataclasses.fields(given)}
        return type(given)(**held)
    return given
