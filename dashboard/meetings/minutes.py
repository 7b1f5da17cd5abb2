"""Minutes (会议纪要): a meeting as it was held, or what the data fill where none was; one document for screen, Word, PDF,
picture and JSON."""

from datetime import date

from dashboard.documents.blocks import Cell, Document, Note, Section, Table
from dashboard.meetings.content import contents, shared
from dashboard.meetings.content.asked import Asked, table
from dashboard.shell import clock
from dashboard.shell.language import _, word
from dashboard.standing.bank_rules import versions_label
from dashboard.widgets import formats
from db.meetings import agenda, held
from db.people import people
from metrics import periods

PRESENT = {"present": ("√", "good"), "absent": ("×", "bad"), "on_leave": ("–", "faint")}


def document(asked: Asked) -> Document:
    """The minutes of the meeting of the book's branch and day."""
    meeting = asked.held()
    return Document(
        title=" · ".join([_("{meeting} minutes", meeting=asked.name), place(asked)]),
        subtitle=span(asked),
        facts=facts(asked, meeting),
        sections=sections(asked, meeting),
        present=present(asked, meeting),
        promises=promises(asked),
        commitments=table_or_none(shared.commitments_table(asked)),
        signatures=(_("Chair"), _("Minutes taken by"), _("Branch head")),
        footer=footer(asked),
    )


def place(asked: Asked) -> str:
    return people.branch_name(asked.book.viewer, asked.branch)


def span(asked: Asked) -> str:
    """The day, week, month or quarter it is about, with the year."""
    first, last = asked.period.first, asked.period.last
    if first == last:
        return f"{first.isoformat()} {formats.day(first)}"
    if agenda.GRAINS[asked.kind] == "month":
        return formats.month(first)
    return f"{first.isoformat()} – {last.isoformat()}"


def facts(asked: Asked, meeting: held.Held | None) -> tuple[tuple[str, str], ...]:
    if meeting is None:
        return ((_("Held"), _("not held: what the data say")),)
    begun, over = clock.local(meeting.started_at), meeting.over_since
    ended = f"{clock.local(over):%H:%M}" if over else _("in progress")
    if meeting.forgotten:
        ended = _("{time}, when something was last written: nobody ended it", time=ended)
    used, planned = sum(one.used for one in meeting.items), sum(one.minutes for one in meeting.items)
    there = held.attendance(asked.book.viewer, meeting.meeting, asked.branch)
    number = sum(state == "present" for state in there.values())
    return (
        (_("Time"), f"{begun:%Y-%m-%d %H:%M}–{ended}"),
        (_("Chair"), meeting.chair),
        (_("Present"), formats.count(number)),
        (_("Minutes planned / used"), f"{planned} / {minutes(used)}"),
    )


def minutes(seconds: int) -> int:
    """Whole minutes, a begun one counted."""
    return -(-seconds // 60)


def sections(asked: Asked, meeting: held.Held | None) -> tuple[Section, ...]:
    """The items as they were held; where none was, those of the agenda that the data fill."""
    if meeting is None:
        items = agenda.read(asked.book.viewer, asked.branch, asked.kind, asked.book.on)
        filled = [(one, contents.blocks(asked, one.key)) for one in items if one.held]
        return tuple(Section(one.key, _(one.title), one.minutes, None, blocks) for one, blocks in filled if blocks)
    notes = held.notes(asked.book.viewer, meeting.meeting, asked.branch).to_dicts()
    agreed = shared.commitment_rows(asked)
    made = []
    for one in meeting.items:
        written = tuple(Note(row["author"], row["text"]) for row in notes if row["item"] == one.key)
        outcomes = tuple(
            outcome(asked, row) for row in agreed if row["meeting"] == meeting.meeting and row["item"] == one.key
        )
        blocks = contents.blocks(asked, one.key)
        used = minutes(one.used) if one.reached else None
        made.append(Section(one.key, _(one.title), one.minutes, used, blocks, written, outcomes))
    return tuple(made)


def titles(asked: Asked, meeting: held.Held | None) -> list[tuple[str, str]]:
    """Key and title of every item there is to choose from."""
    if meeting is not None:
        return [(one.key, _(one.title)) for one in meeting.items]
    items = agenda.read(asked.book.viewer, asked.branch, asked.kind, asked.book.on)
    return [(one.key, _(one.title)) for one in items if one.held and one.key in contents.CONTENT[asked.kind]]


def outcome(asked: Asked, row: dict) -> str:
    """A commitment in one line."""
    who = asked.person(row["manager"]).text
    return _("{who}: {what}, by {day}", who=who, what=shared.what(asked, row), day=formats.short_day(row["due"]))


def present(asked: Asked, meeting: held.Held | None) -> Table | None:
    """The sign-in list: everybody posted there that day."""
    team = people.managers(asked.book.viewer, periods.day(asked.book.on), asked.branch)
    if team.is_empty():
        return None
    states = {} if meeting is None else held.attendance(asked.book.viewer, meeting.meeting, asked.branch)

    def state(row: dict) -> Cell:
        said = states.get(row["manager"])
        return Cell("") if said is None else Cell(f"{PRESENT[said][0]} {word(said)}", PRESENT[said][1])

    columns = [(_("Name"), lambda row: row["manager_name"]), (_("Present"), state), (_("Signature"), lambda row: "")]
    return table(team, columns, left=3)


def promises(asked: Asked) -> Table | None:
    """Who promised what: for the day of a morning, the week that a weekly meeting looks ahead to; in the evening with what
    was done."""
    span = asked.week_promised if asked.kind == "weekly" else periods.day(asked.book.on)
    if asked.kind not in ("morning", "evening", "weekly") or asked.book.promised(span).is_empty():
        return None
    found = shared.reconciled(asked) if asked.kind == "evening" else shared.promises_for(asked, span)
    return next((one for one in found if isinstance(one, Table)), None)


def table_or_none(block: object) -> Table | None:
    return block if isinstance(block, Table) else None


def footer(asked: Asked) -> tuple[str, ...]:
    rules = asked.book.rules
    return (
        _("Definitions {versions}", versions=versions_label(rules, ())),
        _(
            "Data version {version}, made {moment}",
            version=asked.book.version.counter,
            moment=f"{clock.now():%Y-%m-%d %H:%M}",
        ),
        _("Amounts and counts are the log's; customers are masked by the reader's right."),
    )


def file_name(asked: Asked, ending: str) -> str:
    day: date = asked.period.first
    return f"{asked.name}_{place(asked)}_{day.isoformat()}.{ending}"
