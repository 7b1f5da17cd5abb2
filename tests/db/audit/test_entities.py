"""Whatever the sources write to the audit trail is declared: the entity it is of, and every field of it."""

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path

from db import models
from db.audit.entities import BY_NAME, HEADINGS, REFERENCES
from db.imports.kinds import KINDS
from db.models import Base
from db.rights import RIGHTS, WORDS
from metrics.settings import SETTINGS

DB = Path(__file__).parents[3] / "db"
SOURCES = [
    path for path in [*DB.rglob("*.py"), *(DB.parent / "dashboard").rglob("*.py")] if "migrations" not in str(path)
]
# Written beside an entry of the trail, not into it.
ELSEWHERE = {"voided_at", "synchronize_session", "recorded_at", "recorded_by", "password", "device_hash", "place_hash"}


@cache
def every_call() -> dict[str, list[tuple[Path, ast.FunctionDef, ast.Call]]]:
    """By name: file, function and call."""
    found = defaultdict(list)
    for path in SOURCES:
        for function in [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]:
            for node in ast.walk(function):
                if isinstance(node, ast.Call):
                    found[getattr(node.func, "attr", getattr(node.func, "id", ""))].append((path, function, node))
    return found


def calls(name: str) -> list[tuple[Path, ast.FunctionDef, ast.Call]]:
    return every_call()[name]


def entity_names(node: ast.expr) -> list[str]:
    """What an entity may be called: the text itself, or the table of a model that is named."""
    match node:
        case ast.Constant(str(text)):
            return [text]
        case ast.Attribute(ast.Name(name), "__tablename__") if hasattr(models, name):
            return [getattr(models, name).__tablename__]
    return []


def models_set() -> set[str]:
    """The tables that files set rows of (setting.set_row, setting.found)."""
    named = {
        getattr(models, node.id).__tablename__
        for name in ("set_row", "found")
        for _path, _function, call in calls(name)
        for node in call.args
        if isinstance(node, ast.Name) and isinstance(getattr(models, node.id, None), type)
    }
    return named


def test_every_entity_of_the_trail_is_declared():
    written = {name for _path, _function, call in calls("audit") for name in entity_names(call.args[1])}
    exports = [call for name in ("exported", "export") for _path, _function, call in calls(name)]
    taken = {one.args[1].value for one in exports if len(one.args) > 1 and isinstance(one.args[1], ast.Constant)}
    assert len(written) > 10 and taken >= {"summary", "audit_trail"} and "manager" in models_set()
    assert (written | taken | models_set()) - set(BY_NAME) == set()
    unread = [path.name for path, _function, call in calls("audit") if not entity_names(call.args[1])]
    assert sorted(unread) == ["access.py", "setting.py", "trail.py"]  # a right, a model, what is taken away: above


def test_every_right_that_may_be_refused_has_its_word():
    assert set(WORDS) == set(RIGHTS)


def test_every_field_of_the_trail_has_its_word():
    keys = {
        key.value
        for _path, function, _call in calls("audit")
        for node in ast.walk(function)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }
    columns = {
        column.name
        for name in models_set()
        for column in Base.metadata.tables[name].columns
        if column.name not in ("id", "closed_at")
    }
    known = set(HEADINGS) | {one.name for one in SETTINGS} | {one.name for kind in KINDS for one in kind.columns}
    assert {"target", "reason", "left_on"} <= keys and {"from_day", "joined_on"} <= columns
    assert (keys | columns) - known - ELSEWHERE == set()


def test_whatever_holds_a_number_of_something_named_is_read_by_name():
    assert set(REFERENCES) <= set(HEADINGS)
    assert {name for name in HEADINGS if name.endswith("_id")} <= set(REFERENCES)
