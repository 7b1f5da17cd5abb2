"""The audit trail on screen: as a table, as a file, and whether its chain holds."""

import re
from collections.abc import Iterator
from datetime import date
from functools import partial

import polars as pl
import streamlit as st
from markupsafe import Markup

from dashboard.audit import checks, wording
from dashboard.customers import picker
from dashboard.shell import clock
from dashboard.shell.language import _, word
from dashboard.shell.run_slots import SLOTS
from dashboard.widgets import filters, formats, grids, workbooks
from dashboard.widgets.download import export
from db.access import Viewer
from db.audit import trail
from db.audit.trail import Wanted
from db.codes import DEEDS
from db.customers import customers
from db.errors import Refused

SHOWN = 200
AT_ONCE = 2_000  # entries that are in memory while a file is written
MOST = 100_000
TOO_MANY = (
    "A file takes {most} entries at most, these are {number}: choose fewer days, a person, a customer or an action."
)
NUMBER = re.compile("#([0-9]{1,9})")
NAMED = 3  # of those a deed was done to
LONG = Markup('<span class="cx-long">{}</span>')


def latest_day(viewer: Viewer) -> date:
    """Up to which day there is something to see: today, or the last entry's where the clock only pretends."""
    return max(clock.today(), trail.latest_day(viewer) or clock.today())


def action() -> str | None:
    return st.selectbox(
        _("Action"),
        list(DEEDS),
        None,
        format_func=word,
        key="trail action",
        placeholder=_("all"),
    )


def customer(viewer: Viewer) -> int | None:
    """One customer, found as the reader may find them, or by number as links name them; None for all."""
    linked = filters.identity("customer")
    typed = st.text_input(
        _("Customer"),
        "" if linked is None else f"#{linked}",
        key="trail customer",
        placeholder=_("all"),
        help=_("Surname, last four digits of the phone, or #number"),
        max_chars=60,
    ).strip()
    number = NUMBER.fullmatch(typed)
    if not typed or number:
        return int(number[1]) if number else None
    names = picker.labels(customers.search(viewer, typed))
    if not names:
        st.caption(_(customers.NO_SUCH_CUSTOMER))
    return st.selectbox(_("Which one"), list(names), None, names.get, key="trail which", placeholder=_("Choose"))


def show(viewer: Viewer, wanted: Wanted) -> None:
    """The latest entries that are asked for, and the file of all of them."""
    found = trail.entries(viewer, wanted, limit=SHOWN)
    if found.is_empty():
        st.info(_("Nothing was recorded in these days."))
        return
    number = trail.count(viewer, wanted) if found.height == SHOWN else found.height
    table(viewer, found, number)
    download(viewer, wanted, number)


def table(viewer: Viewer, found: pl.DataFrame, number: int) -> None:
    """The latest of so many entries: one line a deed, its parts folded in, each with what was before and what came
    after."""
    deeds = wording.deeds(wording.worded(viewer, found))
    grids.show(
        pl.DataFrame(deeds, infer_schema_length=None),
        [
            grids.Column(_("Time"), lambda row: f"{row['at']:%Y-%m-%d %H:%M:%S}", left=True),
            grids.text("account", _("Account")),
            grids.text("action", _("Action")),
            grids.Column(_("To what"), about, left=True),
            grids.Column(_("Before → after"), parts, left=True),
        ],
    )
    if number > found.height:
        st.caption(_("The latest {number} of {all}; the file has all.", number=found.height, all=number))


def about(deed: dict) -> str:
    """The sort of thing, and the names of those it was done to."""
    subjects = list(dict.fromkeys(one["subject"] for one in deed["parts"] if one["subject"]))
    more = f" … ({len(subjects)})" if len(subjects) > NAMED else ""
    return " ".join([deed["entity"], "、".join(subjects[:NAMED])]).strip() + more


def parts(deed: dict) -> Markup:
    """What changed; of several parts the first, the others when it is opened."""
    several = len({one["subject"] for one in deed["parts"]}) > 1
    lines = [
        " · ".join([*([one["subject"]] if several and one["subject"] else []), *one["changes"]])
        for one in deed["parts"]
    ]
    if len(lines) == 1:
        return LONG.format(lines[0])
    below = Markup("<br>").join(lines[1:])
    return Markup("<details><summary>{} <b>+{}</b></summary>{}</details>").format(
        LONG.format(lines[0]), len(lines) - 1, LONG.format(below)
    )


def headings() -> list[str]:
    return [_("Time"), _("Account"), _("Action"), _("To what"), _("Which one"), _("Before → after")]


def as_rows(viewer: Viewer, found: pl.DataFrame) -> list[tuple[str, ...]]:
    """The same to take away, one row an entry, under `headings`."""
    return [
        (
            f"{one['at']:%Y-%m-%d %H:%M:%S}",
            one["account"],
            one["action"],
            one["entity"],
            one["subject"],
            " · ".join(one["changes"]),
        )
        for one in wording.worded(viewer, found)
    ]


def portions(viewer: Viewer, wanted: Wanted) -> Iterator[pl.DataFrame]:
    """All entries that are asked for, the latest first, some at a time."""
    below = None
    while (found := trail.entries(viewer, wanted, limit=AT_ONCE, below=below)).height:
        yield found
        below = found["id"][-1]


def workbook(viewer: Viewer, wanted: Wanted) -> tuple[bytes, int]:
    """The file, and how many entries it has. Raises Refused where these are more than a file takes."""
    number = trail.count(viewer, wanted)
    if number > MOST:
        raise Refused(TOO_MANY, number=number, most=MOST)
    written = 0

    def rows() -> Iterator[tuple[str, ...]]:
        nonlocal written
        for found in portions(viewer, wanted):
            written += found.height
            yield from as_rows(viewer, found)

    return workbooks.streamed(_("Audit trail"), headings(), rows()), written


def download(viewer: Viewer, wanted: Wanted, number: int) -> None:
    """The entries as Excel."""
    if number > MOST:
        st.caption(_(TOO_MANY, number=formats.count(number), most=formats.count(MOST)))
        return
    words = {"from": wanted.first, "to": wanted.last, "account": wanted.account, "action": wanted.action}
    said: dict[str, str | int] = {name: str(one or "") for name, one in words.items()}
    if wanted.customer is not None:
        said["customer"] = wanted.customer
    export(viewer, "audit_trail", said, "chenxi-audit.xlsx", partial(workbook, viewer, wanted))


def verification(viewer: Viewer) -> None:
    """Whether every entry is as it was written and none is missing; also what `check` says of the rest."""
    st.subheader(_("Is the record whole?"))
    if not st.button(
        _("Verify now"),
        help=_("the hash chain and its anchors, the links between tables, the report cache, the definitions"),
    ):
        return
    with st.spinner(_("Verifying …")), SLOTS.lent():
        found = checks.found(viewer)
    for name, part in found.items():
        (st.error if part.findings else st.success)(checks.line(name, part))
        for one in (*part.findings, *part.notes):
            st.text(checks.text(one))
