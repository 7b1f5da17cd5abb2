"""Lines that are read a block at a time come to the same as records that are read one by one."""

import random
from io import BytesIO

import pytest

from db.errors import Refused
from db.files import records

CELLS = ["", "", "a", "12", " b ", "客户", "1.5", "null"]
WILD = ['"a b"', '"x""y"', '"l\nb"', '"', 'a"b', "\ufeff", "\r", "sep=;", "\0"]


def text(rng: random.Random) -> str:
    """A CSV of up to 40 lines, perhaps with quotes, blank lines, lines with a cell too many."""
    delimiter, end, wild = rng.choice(",,;\t"), rng.choice(["\n", "\n", "\r\n"]), rng.choice([0, 0, 0.02, 0.2])
    width, lines = rng.choice([1, 2, 3, 5]), [rng.choice(["sep=;", '"sep=,"'])] if rng.random() < 0.1 else []
    for _ in range(rng.choice([0, 1, 5, 40])):
        cells = width if rng.random() > wild else rng.choice([0, width - 1, width + 1, 7])
        lines.append(delimiter.join(rng.choice(WILD if rng.random() < wild else CELLS) for _ in range(cells)))
    return end.join(lines) + rng.choice(["", end, end * 2])


def read(content: bytes) -> list[tuple] | str:
    """Each row's number and texts, without empty ones at its end; or why it cannot be read."""
    found = []
    try:
        for batch in records.batches("n.csv", BytesIO(content), 1_000):
            for number, *cells in batch.iter_rows():
                found.append((number, "\x1f".join(one or "" for one in cells).rstrip("\x1f")))
    except Refused as refused:
        return str(refused)
    return found


@pytest.mark.parametrize("block", [5, 60, 100_000])
def test_a_block_is_read_as_its_records_are(monkeypatch, block):
    monkeypatch.setattr(records, "BATCH", 7)
    monkeypatch.setattr(records, "MAX_COLUMNS", 6)
    monkeypatch.setattr(records, "BLOCK", block)
    rng, plain, at_once = random.Random(block), records._plain, []
    for _ in range(400):
        content = text(rng).encode(rng.choice(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
        with monkeypatch.context() as patched:
            patched.setattr(records, "_plain", lambda *of: at_once.append(plain(*of)) or at_once[-1])
            found = read(content)
            patched.setattr(records, "_plain", lambda *_of: None)
            assert found == read(content), content
    assert sum(one is not None for one in at_once) > 100
