"""Whether the store is sound, in words."""

from dashboard.shell.language import _, ngettext
from db.access import Viewer, scope
from db.audit.check import Finding, check
from metrics.definitions import from_record

PARTS = {
    "audit": "Audit trail",
    "links": "Links between tables",
    "mirror": "Report cache",
    "names": "Names in one normal form",
    "definitions": "Definitions",
}
Found = dict[str, tuple[int, list[Finding]]]  # part → rows looked at, and what is wrong with them


def found(viewer: Viewer) -> Found:
    """What db.audit.check finds, for whoever may read the audit trail."""
    scope(viewer, "read_audit")
    return check(viewer.store, lambda record: from_record(*record))


def lines(parts: Found) -> list[str]:
    """A line a part, its findings below it."""
    said = []
    for name, (rows, findings) in parts.items():
        said += [line(name, rows, findings), *(f"  {text(one)}" for one in findings)]
    return said


def line(part: str, rows: int, findings: list[Finding]) -> str:
    state = ngettext("{number} finding", "{number} findings", len(findings)) if findings else _("intact")
    return ngettext(
        "{part}: {number} row, {state}", "{part}: {number} rows, {state}", rows, part=_(PARTS[part]), state=state
    )


def as_record(parts: Found) -> dict:
    """The contract other programs read."""
    return {
        name: {"rows": rows, "findings": [one.values | {"problem": text(one)} for one in findings]}
        for name, (rows, findings) in parts.items()
    }


def text(one: Finding) -> str:
    return _(one.message, **one.values)
