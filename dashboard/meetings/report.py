"""A meeting for programs: `report morning|evening|weekly|monthly|quarterly --json`."""

from dashboard.documents.blocks import Section, as_json
from dashboard.meetings import minutes
from dashboard.meetings.content import shared
from dashboard.meetings.content.asked import Asked
from db.meetings import held
from db.people import people
from metrics import periods
from metrics.catalog import COUNTS
from metrics.periods import Period


def as_report(asked: Asked) -> dict:
    """What the minutes hold, with codes and ISO days in place of words: kind, branch, on, version, definitions, held,
    forgotten (nobody ended it), items, present, promises, commitments."""
    meeting = asked.held()
    return {
        "kind": asked.kind,
        "branch": minutes.place(asked),
        "on": asked.book.on.isoformat(),
        "version": asked.book.version.counter,
        "definitions": asked.book.rules.version,
        "held": meeting is not None,
        "forgotten": meeting is not None and meeting.forgotten,
        "items": [item(one) for one in minutes.sections(asked, meeting)],
        "present": present(asked, meeting),
        "promises": promises(asked),
        "commitments": [commitment(asked, row) for row in shared.commitment_rows(asked)],
    }


def item(section: Section) -> dict:
    said = as_json(section)
    facts = {name: said[name] for name in ("key", "title", "minutes", "used", "notes", "outcomes")}
    return facts | {"content": said["blocks"]}


def present(asked: Asked, meeting: held.Held | None) -> list[dict]:
    """Everybody posted there that day: `state` is null where nobody said."""
    team = people.managers(asked.book.viewer, periods.day(asked.book.on), asked.branch)
    states = {} if meeting is None else held.attendance(asked.book.viewer, meeting.meeting, asked.branch)
    return [
        {"staff_no": row["staff_no"], "manager": row["manager_name"], "state": states.get(row["manager"])}
        for row in team.to_dicts()
    ]


def promises(asked: Asked) -> list[dict]:
    """Of the day, of a weekly meeting those of the week it reconciles and of the one it promises: from and to which day, per
    count what was promised and done, the status, what was logged after closing (`late`), which part of the time was
    leave, whether it was promised late, and the own reason, where the reader may know it."""
    if asked.kind != "weekly":
        return promises_of(asked, periods.day(asked.book.on), asked.reasons())
    return [
        *promises_of(asked, asked.week_reconciled, asked.reasons()),
        *promises_of(asked, asked.week_promised, {}),
    ]


def promises_of(asked: Asked, span: Period, reasons: dict[int, str]) -> list[dict]:
    numbers = dict(people.names(asked.book.viewer).select("manager", "staff_no").iter_rows())
    return [
        {
            "from": span.first.isoformat(),
            "to": span.last.isoformat(),
            "staff_no": numbers.get(row["manager"]),
            "manager": asked.names.get(row["manager"]),
            "status": row["promise_status"],
            "late": row["late"],
            "away": row["away"],
            "promised_late": row["made_late"],
            "reason": reasons.get(row["manager"]),
            **{one.name: {"promised": row[f"{one.name}_promise"], "done": row[one.name]} for one in COUNTS},
        }
        for row in asked.book.reconciled(span).to_dicts()
    ]


def commitment(asked: Asked, row: dict) -> dict:
    """`manager` is null where it is the branch head's."""
    return {
        "manager": None if row["owner"] is None else asked.names.get(row["owner"]),
        "about": None if row["about"] is None else asked.names.get(row["about"]),
        "reaction": row["reaction"],
        "text": row["text"],
        "due": row["due"].isoformat(),
        "agreed_on": row["agreed_on"].isoformat(),
        "state": row["state"],
        "reason": row["reason"],
    }
