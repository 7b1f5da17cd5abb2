"""The server's log says where something failed and what kind of failure it was, never the values it failed on."""

import asyncio
import io
import logging
import traceback

import pytest
from sqlalchemy.exc import StatementError

from dashboard.shell import log_redaction
from dashboard.web import script_errors
from db.errors import Refused

NAME, PHONE = "江城市东湖餐饮店", "13812345678"


@pytest.fixture
def log(monkeypatch):
    """What is written in the log from here on, by any logger."""
    before, root, written = logging.getLogRecordFactory(), logging.getLogger(), io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
    root.addHandler(handler)
    for name in ("uvicorn", "uvicorn.error", "streamlit"):  # other tests may have set them up for themselves
        for setting, value in (("propagate", True), ("disabled", False), ("level", logging.NOTSET)):
            monkeypatch.setattr(logging.getLogger(name), setting, value)
    log_redaction.install()
    yield written.getvalue
    root.removeHandler(handler)
    logging.setLogRecordFactory(before)


def fail_on(customer: str) -> None:
    raise ValueError(f"no such customer: {customer} {PHONE}")


@pytest.mark.parametrize("logger", ["", "chenxi", "uvicorn.error", "streamlit.runtime", "sqlalchemy.engine", "asyncio"])
def test_an_exception_keeps_its_kind_and_its_place_but_not_its_text(log, logger):
    try:
        fail_on(NAME)
    except ValueError:
        logging.getLogger(logger).exception("it failed")
    assert "it failed" in log() and "builtins.ValueError" in log()
    assert "test_log_redaction.py" in log() and "fail_on" in log() and 'raise ValueError(f"no such customer' in log()
    assert NAME not in log() and PHONE not in log()


def test_the_same_holds_for_an_exception_that_is_handed_over(log):
    try:
        fail_on(NAME)
    except ValueError as error:
        logging.getLogger("streamlit").error("it failed", exc_info=error)
        logging.getLogger("streamlit").warning("again", exc_info=(type(error), error, error.__traceback__))
    assert log().count("builtins.ValueError") == 2 and NAME not in log() and PHONE not in log()


def test_the_exceptions_behind_an_exception_are_named_without_their_text(log):
    try:
        try:
            fail_on(NAME)
        except ValueError as error:
            raise Refused("“{name}” is unknown here, or not unique.", name=NAME) from error
    except Refused:
        logging.getLogger("chenxi").exception("refused")
    assert "db.errors.Refused" in log() and "builtins.ValueError" in log() and NAME not in log()


def test_an_exception_that_points_back_at_itself_comes_to_an_end(log, monkeypatch):
    patience = iter(range(20))
    monkeypatch.setattr(log_redaction.traceback, "format_tb", lambda _traceback: [f"line {next(patience)}"])
    first, second = ValueError(NAME), KeyError(NAME)
    first.__context__, second.__context__ = second, first
    logging.getLogger("chenxi").error("a circle", exc_info=first)
    assert "builtins.KeyError" in log() and NAME not in log()


def test_a_statement_that_failed_keeps_its_parameters_to_itself(log):
    error = StatementError("cannot store", "INSERT INTO customer VALUES (?, ?)", {"name": NAME, "phone": PHONE}, None)
    logging.getLogger("sqlalchemy").error("not stored", exc_info=error)
    assert "StatementError" in log() and NAME not in log() and PHONE not in log()


def test_a_task_that_nobody_waited_for_tells_as_little(log):
    async def forget() -> None:
        async def fail() -> None:
            fail_on(NAME)

        task = asyncio.create_task(fail())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        del task

    asyncio.run(forget())
    import gc

    gc.collect()
    assert "ValueError" in log() and NAME not in log() and PHONE not in log()


@pytest.mark.parametrize(
    "written",
    [PHONE, "138 1234 5678", "138-1234-5678", "027-87654321", "42010119900307123X", "6222021234567890123", "1234567"],
)
def test_long_numbers_are_cut_out_of_messages(log, written):
    logging.getLogger("chenxi").warning("customer %s of %s", written, "东湖")
    logging.getLogger("chenxi").warning(f"customer {written}")
    assert written.strip("X") not in log() and log().count("customer …") == 2 and "东湖" in log()


def test_short_numbers_and_words_stay(log):
    logging.getLogger("chenxi").info("never shown")
    logging.getLogger("chenxi").warning("error %s: %s at port %d in %.1f s", "a1b2c3", "ValueError", 8501, 2.5)
    assert log() == "WARNING chenxi error a1b2c3: ValueError at port 8501 in 2.5 s\n"


@pytest.mark.parametrize("given", [("%s and %s", "one"), ("%d", "one"), ("100 %",), ("%(name)s", {"no": 1})])
def test_a_message_that_a_library_wrote_wrongly_stops_nobody(log, given):
    logging.getLogger("library").error(*given)
    assert isinstance(log(), str)


def test_a_page_that_fails_says_a_number_to_report_it_by(log, monkeypatch):
    said = []
    monkeypatch.setattr(script_errors.st, "error", said.append)
    try:
        fail_on(NAME)
    except ValueError as error:
        assert script_errors.show_error(error) is True, "Streamlit would show the exception itself"
        assert NAME not in "".join(traceback.format_tb(error.__traceback__))
    (number,) = [word.strip(":") for word in log().split() if len(word.strip(":")) == 6 and word.endswith(":")]
    assert number in said[0] and NAME not in said[0] + log() and PHONE not in said[0] + log()
