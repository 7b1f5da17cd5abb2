"""The log is a file of JSON, an event a line, that no browser fills and no stored value reaches."""

import json
import logging

import pytest

from dashboard.monitoring import log_file
from dashboard.monitoring.log_limit import A_SECOND, AT_ONCE, MOST, Limit
from dashboard.shell import log_redaction
from dashboard.shell.settings import settings


@pytest.fixture
def lines(tmp_path, monkeypatch):
    """What stands in the log by now, a dict a line."""
    monkeypatch.setattr(settings(), "logs", tmp_path)
    root, make = logging.getLogger(), logging.getLogRecordFactory()
    before, level = list(root.handlers), root.level
    log_redaction.install()
    with log_file.written():
        yield lambda: [json.loads(one) for one in (tmp_path / log_file.NAME).read_text("utf-8").splitlines()]
    assert root.handlers == before
    logging.setLogRecordFactory(make)
    root.setLevel(level)


def test_the_number_a_person_sees_is_the_one_in_the_log(lines):
    stored = "王芳 13812345678"
    try:
        raise ValueError(stored)
    except ValueError as error:
        number = log_redaction.log_error(error)
    (line,) = lines()
    assert (
        line["event"] == f"error {number}: ValueError"
        and line["number"] == number
        and line["error"] == "ValueError"
        and line["level"] == "error"
    )
    assert "test_log_file.py" in " ".join(line["where"])
    assert "王芳" not in str(line) and "13812345678" not in str(line)


def test_every_event_is_one_line_whatever_it_says(lines):
    log = logging.getLogger("db.jobs")
    log.info("begun")
    log.warning("two\nlines of “%s”", "quotes\"'{}")
    stored = "李强"
    try:
        raise KeyError(stored)
    except KeyError:
        log.exception("the job %s failed", "handover")
    first, second, third = lines()
    assert list(first) == ["at", "level", "logger", "event"] and first["event"] == "begun"
    assert second["event"] == "two\nlines of “quotes\"'{}”"
    assert third["event"] == "the job handover failed" and "李强" not in str(third)
    assert first["at"] <= third["at"] and len(first["at"]) >= len("2026-11-20T08:30:00")


def test_what_is_below_info_is_left_out(lines):
    logging.getLogger("x").debug("detail")
    logging.getLogger("x").info("event")
    assert [one["event"] for one in lines()] == ["event"]


def record() -> logging.LogRecord:
    return logging.LogRecord("x", logging.ERROR, __file__, 1, "wrong", None, None)


def test_one_browser_session_writes_so_many_lines_a_second_and_keeps_nobody_from_writing():
    clock, who = [0.0], ["flood"]
    limit = Limit(lambda: clock[0], lambda: who[0])
    assert [limit.filter(record()) for _ in range(200)] == [True] * int(AT_ONCE) + [False] * (200 - int(AT_ONCE))
    who[0] = "another"
    assert limit.filter(record())
    who[0], clock[0] = "flood", 2.0
    after = [record() for _ in range(20)]
    passed = [one for one in after if limit.filter(one)]
    assert len(passed) == int(2 * A_SECOND)
    assert passed[0].left_out == 200 - AT_ONCE and not hasattr(passed[1], "left_out")


def test_sessions_that_are_told_apart_have_an_end():
    who = [0]
    limit = Limit(lambda: 0.0, lambda: str(who[0]))
    for one in range(MOST * 2):
        who[0] = one
        assert limit.filter(record())
    assert len(limit._held) == MOST
