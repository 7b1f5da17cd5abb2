"""What a phone sends, field by field: what our own page would never send is told from what breaks a rule."""

import json
from datetime import date, time

import pytest

from dashboard.web.submission import Malformed, Submission, read
from db.errors import Refused
from db.log.entry import Entry

KEY = "0" * 32
LEAST = {"key": KEY, "account": "1001", "kind": "consultation", "day": "2026-11-20"}
BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "no text": b"\xff\xfe\x00",
    "a list": b"[]",
    "a word": b'"x"',
    "a number": b"7",
    "null": b"null",
    "deeper than anything": b"[" * 15_000,
    "a number without end": b'{"customer": ' + b"9" * 10_000 + b"}",
    "not a number": b'{"amount_cents": NaN}',
}
WRONG_FIELDS = {
    "key": [None, "", "x", 7, "0" * 31, "0" * 33, KEY + "\n", "0" * 31 + "G", ["0"], "０" * 32],
    "account": [None, "", 7, ["1001"]],
    "kind": [None, "", 7, {}],
    "day": [None, "", "today", "2026-13-01", "2026-02-30", "20261120", 20261120, "2026-11-20T00:00", "２０２６-11-20"],
    "time": ["", "noon", "25:00", "9:30", 930, "09:30:00+08:00"],
    "customer": ["1", 0, -1, True, 1.0, 2**31],
    "product": ["1", 0, -1, True, 1.5, 2**31],
    "amount_cents": ["1", 1.5, True, 2**63],
    "met_decider": [0, 1, "yes"],
    "need_recorded": [0, "true"],
    "has_need": [[], "no"],
    "second_record": [1],
    "note": [7, ["x"], {}],
    "next_step_due": ["", "soon"],
    "manager": [2],
    "effective": [True],
    "\ud800": ["x"],
}


def test_an_entry_is_read_as_it_was_stated():
    stated = LEAST | {"time": "09:30", "customer_name": " 湖滨书店 ", "phone": "", "has_need": False, "note": None}
    entry = Entry("consultation", date(2026, 11, 20), time(9, 30), customer_name="湖滨书店", has_need=False)
    assert read(json.dumps(stated).encode()) == Submission(KEY, "1001", entry)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_malformed_body_is_told(body):
    with pytest.raises(Malformed):
        read(body)


@pytest.mark.parametrize(("field", "value"), [(name, one) for name, ones in WRONG_FIELDS.items() for one in ones])
def test_a_field_of_another_kind_is_told(field, value):
    with pytest.raises(Malformed):
        read(json.dumps(LEAST | {field: value}).encode())


@pytest.mark.parametrize("field", ["note", "phone", "customer_name", "next_step", "channel", "kind", "account"])
def test_a_text_nothing_can_be_made_of_is_refused(field):
    with pytest.raises(Refused, match="cannot be stored"):
        read(json.dumps(LEAST | {field: "\ud800"}).encode())
