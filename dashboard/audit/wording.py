"""An entry of the audit trail in words: what it was about, by name, and what changed, field by field."""

import json
import re
from collections import defaultdict

import polars as pl

from dashboard.imports.headings import heading as in_a_file
from dashboard.shell.language import CODES, _, language, word
from dashboard.widgets import formats
from db.access import Viewer
from db.audit import names
from db.audit.entities import BY_NAME, HEADINGS, REFERENCES, REFUSED
from db.codes import AMOUNTS
from db.imports.kinds import KINDS
from db.models import Base
from db.rights import RIGHTS
from metrics.settings import SETTINGS

DAY = re.compile(r"\d{4}-\d\d-\d\d")
SEAL = "version"  # which state of an entry was meant: nothing to read
COLUMNS = {column.name: column for kind in KINDS for column in kind.columns}
LABELS = HEADINGS | {one.name: one.label for one in SETTINGS}
Names = dict[type[Base], dict[int, str]]


def worded(viewer: Viewer, found: pl.DataFrame) -> list[dict]:
    """The entries (trail.ENTRY) as they are read: `at`, `account`, `action`, `entity` in a word, `subject` by name, and
    `changes`, a text a field."""
    rows = [row | {"old": values(row["before"]), "new": values(row["after"])} for row in found.to_dicts()]
    known = names_of(viewer, rows)
    return [
        {
            "at": row["at"],
            "account": row["account"],
            "action": word(row["action"]),
            "entity": entity(row),
            "subject": subject(row, known),
            "changes": changes(row, known),
        }
        for row in rows
    ]


def deeds(rows: list[dict]) -> list[dict]:
    """One row what one account did to one sort of thing in one moment: `parts` are its entries, in the order they came."""
    found: list[dict] = []
    for row in rows:
        key = {name: row[name] for name in ("at", "account", "action", "entity")}
        if not found or any(found[-1][name] != one for name, one in key.items()):
            found.append(key | {"parts": []})
        found[-1]["parts"].insert(0, row)
    return found


def values(text: str | None) -> dict:
    return json.loads(text) if text else {}


def names_of(viewer: Viewer, rows: list[dict]) -> Names:
    """The names of every number in these entries."""
    wanted: defaultdict[type[Base], set[int]] = defaultdict(set)
    for row in rows:
        model = model_of(row)
        if model is not None and subject_of(row) is not None:
            wanted[model].add(subject_of(row))
        for side in (row["old"], row["new"]):
            for name, value in side.items():
                if name in REFERENCES and isinstance(value, int):
                    wanted[REFERENCES[name]].add(value)
    return {model: names.read(viewer, model, ids, language()) for model, ids in wanted.items()}


def model_of(row: dict) -> type[Base] | None:
    one = BY_NAME.get(row["entity"])
    return one.model if one and row["action"] != REFUSED else None


def subject_of(row: dict) -> int | None:
    """The number of what it was about; leave that came from a file is told by whose it is."""
    return row["new"].get("manager_id", row["entity_id"]) if row["entity"] == "absence" else row["entity_id"]


def entity(row: dict) -> str:
    if row["action"] == REFUSED and row["entity"] in RIGHTS:
        return word(row["entity"])
    return _(BY_NAME[row["entity"]].label) if row["entity"] in BY_NAME else word(row["entity"])


def subject(row: dict, known: Names) -> str:
    """By name; a number that has none, as the year of a calendar, by itself."""
    number, model = subject_of(row), model_of(row)
    if number is None:
        return ""
    return str(number) if model is None else known[model].get(number, f"#{number}")


def changes(row: dict, known: Names) -> list[str]:
    """A text a field: what stood there → what stands there now; one value where it stayed, or nothing stood there. Whom
    it was about is said before."""
    old, new, said = row["old"], row["new"], []
    for name in dict.fromkeys((*old, *new)):
        repeats = REFERENCES.get(name) is model_of(row) and new.get(name) == old.get(name, new.get(name)) == subject_of(
            row
        )
        if name == SEAL or (name in REFERENCES and repeats):
            continue
        sides = [side[name] for side in (old, new) if name in side]
        written = list(dict.fromkeys(spelt(name, value, old | new, known) for value in sides))
        said.append(f"{heading(name)}: {' → '.join(written)}")
    return said


def heading(name: str) -> str:
    if DAY.fullmatch(name):
        return name
    if name in LABELS:
        return _(LABELS[name])
    return in_a_file(COLUMNS[name]) if name in COLUMNS else word(name)


def spelt(name: str, value: object, row: dict, known: Names) -> str:
    """A value of a field in the reader's words; `row` says of which measure a target is."""
    match value:
        case None | "" | []:
            return formats.NOTHING
        case bool():
            return _("yes") if value else _("no")
        case int() if name in REFERENCES:
            return known.get(REFERENCES[name], {}).get(value, f"#{value}")
        case int() if name == "amount_cents" or (name == "target" and row.get("measure") in AMOUNTS):
            return formats.amount(value)
        case list():
            return formats.count(len(value)) if name == "activities" else "、".join(map(coded, value))
        case str():
            return coded(value)
    return str(value)


def coded(value: object) -> str:
    return word(value) if isinstance(value, str) and value in CODES else str(value)
