"""Whether the store is sound, in words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dashboard.audit import anchoring
from dashboard.shell.language import _, ngettext
from dashboard.shell.settings import settings
from dashboard.shell.store import notary
from db.access import Viewer, scope
from db.audit.check import SHOWN, Finding, check
from db.backup import anchors, signing
from metrics.definitions import from_record

PARTS = {
    "audit": "Audit trail",
    "anchors": "Anchors of the audit trail",
    "links": "Links between tables",
    "mirror": "Report cache",
    "names": "Names in one normal form",
    "definitions": "Definitions",
}
RESTORED = "The trail goes on from row {row}: {file} was put back on {day}."
RESEALED = "The personal values of the trail were sealed on {day}; what was anchored before is proved by older backups."
UNSIGNED = "The anchors are not signed: there is no key in {file}."
NONE_YET = "The trail has not been anchored yet."
SHORT = 16  # characters of a key that are enough to compare


@dataclass(frozen=True)
class Part:
    """How many rows were looked at, what is wrong with them, and what is to be known besides."""

    rows: int
    findings: Sequence[Finding] = ()
    notes: Sequence[Finding] = ()
    facts: dict[str, object] = field(default_factory=dict)


Found = dict[str, Part]


def found(viewer: Viewer, file: Path | None = None, key: str | None = None) -> Found:
    """What db.audit.check finds, and what the anchors of a file say, for whoever may read the audit trail. `key` is the
    public key that signed them."""
    scope(viewer, "read_audit")
    parts = {name: Part(*one) for name, one in check(viewer.store, lambda record: from_record(*record)).items()}
    return {"audit": parts.pop("audit"), "anchors": anchored(viewer, file, key), **parts}


def anchored(viewer: Viewer, file: Path | None, key: str | None) -> Part:
    """The trail beside its anchors; those of this installation where no file is named."""
    there = file or anchoring.file()
    unsigned = Finding(UNSIGNED, {"file": str(settings().audit_key)})
    if not there.exists():
        return Part(0, notes=[Finding(NONE_YET, {}), *([] if anchoring.is_signed() else [unsigned])])
    with viewer.store.reading(snapshot=True) as connection:
        said = anchors.check(connection, there, key or signing.public(notary().key))
    rewinds = [{"kind": one["kind"], "at": one["at"], "row": one.get("keeps", 0)} for one in said.rewinds]
    files = [str(one.get("file", "")) for one in said.rewinds]
    notes = [
        Finding(
            RESTORED if one["kind"] == anchors.RESTORE else RESEALED, one | {"file": file, "day": str(one["at"])[:10]}
        )
        for one, file in zip(rewinds, files, strict=True)
    ]
    facts = {"signed": said.signed, "key": said.key, "rewinds": rewinds}
    findings = [Finding(*one) for one in said.findings][:SHOWN]
    return Part(said.anchors, findings, [*notes, *([] if said.signed else [unsigned])], facts)


def lines(parts: Found) -> list[str]:
    """A line a part; below it its findings, and what else is to be known."""
    said = []
    for name, part in parts.items():
        said += [line(name, part), *(f"  {text(one)}" for one in (*part.findings, *part.notes))]
    return said


def line(name: str, part: Part) -> str:
    wrong = len(part.findings)
    state = ngettext("{number} finding", "{number} findings", wrong) if wrong else _("intact")
    if part.facts.get("signed"):
        key = str(part.facts["key"])[:SHORT]
        state = _("{state}; signed: {number} by {key}", state=state, number=part.facts["signed"], key=key)
    return ngettext(
        "{part}: {number} row, {state}", "{part}: {number} rows, {state}", part.rows, part=_(PARTS[name]), state=state
    )


def as_record(parts: Found) -> dict:
    """The contract other programs read."""
    return {
        name: {
            "rows": part.rows,
            "findings": [one.values | {"problem": text(one)} for one in part.findings],
            **({"notes": [text(one) for one in part.notes]} | part.facts if name == "anchors" else {}),
        }
        for name, part in parts.items()
    }


def text(one: Finding) -> str:
    return _(one.message, **one.values)
