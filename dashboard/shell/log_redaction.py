"""Errors without what they are about: the server's log names where something failed, never the values it failed on."""

import logging
import secrets
import traceback

from db.privacy import without_numbers

LOG = logging.getLogger("chenxi")


def install() -> None:
    """From here on every record of every logger is written without an exception's text and without long numbers."""
    make = logging.getLogRecordFactory()

    def record(*given, **options) -> logging.LogRecord:
        made = make(*given, **options)
        error = made.exc_info[1] if made.exc_info else None
        if error is not None:
            made.exc_text, made.exc_info = location_of(error), None
        made.msg, made.args = without_numbers(redacted_message(made, error)), None
        return made

    logging.setLogRecordFactory(record)


def redacted_message(record: logging.LogRecord, error: BaseException | None) -> str:
    """The message; what an exception says is cut out of it, and one written wrongly is left as it is."""
    try:
        message = record.getMessage()
    except (TypeError, ValueError, KeyError):
        return str(record.msg)
    for one in chain(error):
        for text in (repr(one), str(one)):
            message = message.replace(text, type(one).__qualname__) if text else message
    return message


def chain(error: BaseException | None) -> list[BaseException]:
    """An exception and those behind it, each once."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def location_of(error: BaseException) -> str:
    """The kind of an exception, of those behind it, and the lines of code it came through."""
    lines = []
    for one in chain(error):
        lines += traceback.format_tb(one.__traceback__)
        lines.append(f"{type(one).__module__}.{type(one).__qualname__}")
    return "\n".join(line.rstrip() for line in lines)


def log_error(error: Exception) -> str:
    """The number an error stands under in the log."""
    number = secrets.token_hex(3)
    said = {"number": number, "error": type(error).__qualname__, "where": location_of(error).splitlines()}
    LOG.error("error %s: %s\n%s", number, type(error).__qualname__, location_of(error), extra=said)
    return number
