"""Every message the product can say: collected from the sources, so that none stays without its Chinese."""

import ast
import re
from pathlib import Path

from db.files.columns import TODAY
from db.imports.kinds import KINDS
from db.log.fields import FIELDS
from db.meetings import agenda
from metrics import settings, statuses
from metrics.catalog import CATALOG

ROOT = Path(__file__).parents[2]
FLOORS = ("dashboard", "pages", "db")
# Calls whose argument of that place is a message, and keywords that hold one.
SAID_BY = {
    "_": 0,
    "ngettext": 0,
    "Refused": 0,
    "Conflict": 0,
    "Changed": 0,
    "NotAllowed": 0,
    "StorageError": 0,
    "Unavailable": 0,
    "refused": 0,
    "refusal": 2,
    "Finding": 0,
    "flag": 3,
    "as_problems": 2,
    "rule": 1,
}
KEYWORDS = {"wrong", "problem"}


def messages() -> set[str]:
    said = {metric.label for metric in CATALOG} | {metric.formula for metric in CATALOG if hasattr(metric, "where")}
    said |= {settings.UNKNOWN, settings.OUT_OF_ORDER, *settings.PROBLEMS.values()}
    said |= {one.label for one in statuses.STATUSES.values()}
    for one in settings.SETTINGS:
        said |= {one.group, one.label, one.help, *one.choices.values()}
    said |= {one.title for items in (*agenda.ITEMS.values(), (agenda.LEFT_OVER,)) for one in items}
    said |= set(agenda.NAMES.values())
    for one in FIELDS:
        said |= {text for text in (one.label, one.hint, one.required, *one.words) if text}
    said |= of_files()
    for floor in FLOORS:
        for path in (ROOT / floor).rglob("*.py"):
            if "simulate" not in path.parts:
                said |= in_source(path)
    for template in (ROOT / "dashboard" / "web" / "templates").glob("*.html"):
        said |= set(re.findall(r'say\("([^"]+)"', template.read_text()))
    return said


def in_source(path: Path) -> set[str]:
    said = set()
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            place = SAID_BY.get(name)
            if place is not None and len(node.args) > place:
                said |= texts(node.args[place])
            said |= {text for word in node.keywords if word.arg in KEYWORDS for text in texts(word.value)}
        # tables of words and messages: PAGES, HEADINGS, NOBODY, EMPTY …, and checks as (rule, message)
        if isinstance(node, ast.Assign) and path.parts[len(ROOT.parts)] in ("dashboard", "db"):
            names = {getattr(target, "id", "") for target in node.targets}
            if names & {"PAGES", "UNLISTED", "GROUPS", "HEADINGS", "ENTITIES", "PARTS"}:
                said |= {text for one in ast.walk(node.value) for text in texts(one) if text[:1].isupper()}
            if isinstance(node.value, ast.Constant) and all(name.isupper() and name != "FONT" for name in names):
                said |= {text for text in texts(node.value) if " " in text and "\\" not in text}
        if isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(node.elts[0], ast.Lambda):
            said |= texts(node.elts[1])
    return said


def plurals() -> set[tuple[str, str]]:
    """What counts something: the message for one, and for several."""
    found = set()
    for path in (one for floor in FLOORS for one in (ROOT / floor).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ngettext":
                found |= {(one, many) for one in texts(node.args[0]) for many in texts(node.args[1])}
    return found


def of_files() -> set[str]:
    """What is said of the kinds of file and their columns."""
    said = {text for one in KINDS for text in (one.note, *one.trail.values())}
    for column in (column for one in KINDS for column in one.columns):
        said |= {column.wrong, column.hint, *(message for _, message in column.checks)}
        if isinstance(column.sample, str) and column.sample not in (*column.codes, TODAY):
            said |= {column.sample} if re.search("[a-z]", column.sample) else set()
    return said - {""}


def texts(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        return {node.value}
    if isinstance(node, ast.IfExp):
        return texts(node.body) | texts(node.orelse)
    return set()
