"""Every message the product can say: collected from the sources, so that none stays without its Chinese."""

import ast
import re
from pathlib import Path

from metrics import settings
from metrics.catalog import CATALOG

ROOT = Path(__file__).parent.parent
FLOORS = ("dashboard", "pages", "db")
# Calls whose argument of that place is a message, and keywords that hold one.
SAID_BY = {
    "_": 0,
    "Refused": 0,
    "Conflict": 0,
    "Changed": 0,
    "NotAllowed": 0,
    "StorageError": 0,
    "refused": 0,
    "refusal": 2,
    "Finding": 0,
    "flag": 3,
    "rule": 1,
}
KEYWORDS = {"wrong", "problem"}


def messages() -> set[str]:
    said = {metric.label for metric in CATALOG} | {metric.formula for metric in CATALOG if hasattr(metric, "where")}
    said |= {settings.UNKNOWN, settings.OUT_OF_ORDER, *settings.PROBLEMS.values()}
    for one in settings.SETTINGS:
        said |= {one.group, one.label, one.help, *one.choices.values()}
    for floor in FLOORS:
        for path in (ROOT / floor).rglob("*.py"):
            if not path.name.startswith("simulate"):
                said |= in_source(path)
    for template in (ROOT / "dashboard" / "templates").glob("*.html"):
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
        # tables of words and messages: STATUS, PAGES, HEADINGS, NOBODY, EMPTY …, and checks as (rule, message)
        if isinstance(node, ast.Assign) and path.parent.name in ("dashboard", "db"):
            names = {getattr(target, "id", "") for target in node.targets}
            if names & {"STATUS", "PAGES", "HEADINGS", "ENTITIES", "PARTS"}:
                said |= {text for one in ast.walk(node.value) for text in texts(one) if text[:1].isupper()}
            if isinstance(node.value, ast.Constant) and all(name.isupper() and name != "FONT" for name in names):
                said |= {text for text in texts(node.value) if " " in text and "\\" not in text}
        if isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(node.elts[0], ast.Lambda):
            said |= texts(node.elts[1])
    if path.name == "formats.py" and path.parent.name == "db":
        from db import formats

        said |= {column.wrong for kind in formats.FORMATS.values() for column in kind if column.wrong}
        said |= {message for kind in formats.FORMATS.values() for column in kind for _, message in column.checks}
    return said


def texts(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        return {node.value}
    if isinstance(node, ast.IfExp):
        return texts(node.body) | texts(node.orelse)
    return set()
