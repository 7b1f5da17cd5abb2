"""What is kept, as a table: of whom, how much, since when, how long and by which setting; and who saw a customer in full."""

from dataclasses import dataclass
from datetime import date

import polars as pl
import streamlit as st

from dashboard.audit import trail_view, wording
from dashboard.monitoring import old_logs
from dashboard.shell import clock
from dashboard.shell.language import _
from dashboard.shell.settings import settings
from dashboard.widgets import filters, formats, grids
from db.access import Viewer
from db.audit import trail
from db.audit.trail import Wanted
from db.backup import backup
from db.retention import kept
from db.retention.kept import Kept

SHOWN = 200  # times somebody saw a customer
PARTS = {  # what, and of whom
    "customers": ("Customers", "Customers"),
    "notes": ("Notes of visits", "Customers"),
    "drafts": ("Drafts: typed and not sent", "Whoever has an account, and customers they name"),
    "failed_sign_ins": ("Failed sign-ins", "Whoever tried: the address, the name as a hash"),
    "sessions": ("Signed-in sessions", "Whoever has an account: when, and from which address"),
    "logs": ("Log files", "Nobody: no stored value stands there"),
    "backups": ("Backups", "Everybody: all of this, as it was"),
    "messages": ("Messages to groups", "Teams"),
    "audit": ("Audit trail", "Whoever has an account; customers under keys of their own"),
    "forgotten": ("Numbers of forgotten customers", "Nobody: a number without a name"),
}
FOREVER = "For good: rows of the trail are never deleted"
UNTIL_FORGOTTEN = "Until the customer is forgotten"
NEWEST = "The newest ones, by the timer that makes them"
AGAIN = "For good: a backup that is put back forgets them again"


@dataclass(frozen=True)
class Term:
    """How long something is kept, in words, and the setting that says so."""

    long: str
    setting: str = ""


def terms() -> dict[str, Term]:
    """Of each of PARTS."""
    held = settings()
    earliest = held.keep_customers_days
    customers = _("Until they are forgotten")
    if earliest:
        customers = _("Until they are forgotten, {days} after the last contact at the earliest", days=in_days(earliest))
    notes = in_days(held.keep_notes_days) if held.keep_notes_days else _(UNTIL_FORGOTTEN)
    return {
        "customers": Term(customers, "CHENXI_KEEP_CUSTOMERS_DAYS"),
        "notes": Term(notes, "CHENXI_KEEP_NOTES_DAYS"),
        "drafts": Term(in_days(held.keep_drafts_days), "CHENXI_KEEP_DRAFTS_DAYS"),
        "failed_sign_ins": Term(in_days(held.keep_failed_sign_ins_days), "CHENXI_KEEP_FAILED_SIGN_INS_DAYS"),
        "sessions": Term(in_days(held.keep_sessions_days), "CHENXI_KEEP_SESSIONS_DAYS"),
        "logs": Term(in_days(held.log_days), "CHENXI_LOG_DAYS"),
        "backups": Term(_(NEWEST), "--keep"),
        "messages": Term(in_days(held.keep_messages_days), "CHENXI_KEEP_MESSAGES_DAYS"),
        "audit": Term(_(FOREVER)),
        "forgotten": Term(_(AGAIN)),
    }


def in_days(number: int) -> str:
    return _("Days: {number}", number=formats.count(number))


def table(viewer: Viewer) -> None:
    found, long = kept.read(viewer) | files(), terms()
    rows = [
        {
            "what": _(what),
            "whom": _(whom),
            "number": found[name].number,
            "oldest": found[name].oldest.isoformat() if found[name].oldest else formats.NOTHING,
            "long": long[name].long,
            "setting": long[name].setting,
        }
        for name, (what, whom) in PARTS.items()
    ]
    grids.show(
        pl.DataFrame(rows),
        [
            grids.text("what", _("Record")),
            grids.text("whom", _("Of whom")),
            grids.number("number", _("How many")),
            grids.text("oldest", _("Oldest")),
            grids.Column(
                _("How long it is kept, and by which setting"),
                lambda row: grids.long(row["long"], row["setting"]),
                left=True,
            ),
        ],
        cards=True,
    )
    st.caption(_("Periods are defaults until the bank's compliance confirms them. What is older is deleted every day."))


def files() -> dict[str, Kept]:
    """What lies beside the database."""
    made = {
        "logs": list(old_logs.files()),
        "backups": list(settings().backups.glob(f"*{backup.SUFFIX}")),
    }
    days = {name: [date.fromtimestamp(one.stat().st_mtime) for one in found] for name, found in made.items()}
    return {name: Kept(len(found), min(found, default=None)) for name, found in days.items()}


def who_saw(viewer: Viewer) -> None:
    """Of one customer: who saw them in full, when, and why."""
    st.subheader(_("Who saw a customer in full"))
    customer = trail_view.customer(viewer)
    if customer is None:
        return
    last = max(clock.today(), trail_view.latest_day(viewer))
    found = trail.entries(viewer, Wanted(filters.EARLIEST, last, action="unmask", customer=customer), limit=SHOWN)
    if found.is_empty():
        st.info(_("Nobody has seen this customer in full but those who look after them."))
        return
    grids.show(
        pl.DataFrame(wording.worded(viewer, found)),
        [
            grids.Column(_("Time"), lambda row: f"{row['at']:%Y-%m-%d %H:%M:%S}", left=True),
            grids.text("account", _("Account")),
            grids.Column(_("Reason"), lambda row: " · ".join(row["changes"]), left=True),
        ],
    )
    if found.height == SHOWN:
        st.caption(_("The latest {number}.", number=SHOWN))
