"""The queue: what asks for somebody first, then what waits, then what was sent."""

from datetime import datetime

import polars as pl
import streamlit as st

from dashboard.delivery import deliver, wording
from dashboard.shell.language import _
from dashboard.widgets import cards, formats, grids
from dashboard.widgets.cards import Card
from dashboard.widgets.saving import saving
from db.access import Viewer, may
from db.delivery import messages
from db.delivery.messages import REFUSED, SENDING, SENT, UNCONFIRMED, WAITING
from db.engine import BANK_TIME

SHOWN = 100


def board(viewer: Viewer) -> None:
    found = messages.listing(viewer, SHOWN)
    counted = {state: found.filter(status=state).height for state in (WAITING, SENDING, UNCONFIRMED, REFUSED, SENT)}
    cards.row(
        [
            Card(_("Unconfirmed"), formats.count(counted[UNCONFIRMED]), _("the answer was lost: somebody has to look")),
            Card(_("Refused"), formats.count(counted[REFUSED]), _("not taken by the service in seven hours")),
            Card(_("To be sent"), formats.count(counted[WAITING] + counted[SENDING]), _("goes out by itself")),
            Card(_("Sent"), formats.count(counted[SENT]), _("of the last {number}", number=SHOWN)),
        ]
    )
    if found.is_empty():
        st.info(_("No message was sent yet."))
        return
    decide(viewer, found)
    table(found)


def decide(viewer: Viewer, found: pl.DataFrame) -> None:
    """The messages somebody has to decide on, each with what it says and two buttons."""
    asking = found.filter(pl.col("status").is_in([UNCONFIRMED, REFUSED]))
    if asking.is_empty() or not may(viewer, "send_messages"):
        return
    st.subheader(_("To be decided"))
    st.caption(_("Look into the group: if it is there, strike it off; if not, send it again."))
    for row in asking.head(20).to_dicts():
        with st.container(border=True):
            grids.line(
                row["status"],
                f"{row['channel_name']} · {wording.kind_name(row['kind'])} · {row['day']} · {moment(row['tried_at'])} {answer(row)}",
            )
            if row["text"]:
                st.text(row["text"][:160])
            with st.container(horizontal=True):
                if row["code"] not in (deliver.HELD_BACK, deliver.NOT_MADE) and st.button(
                    _("Send again"), key=f"again {row['message']}"
                ):
                    with saving(_("It goes out again.")):
                        messages.send_again(viewer, row["message"])
                        deliver.send_waiting(viewer.store, 10, row["channel"], most=1)
                if st.button(_("It has arrived, or is not needed"), key=f"strike {row['message']}"):
                    with saving(_("Struck off.")):
                        messages.strike(viewer, row["message"])


def table(found: pl.DataFrame) -> None:
    columns = [
        grids.Column(_("Queued"), lambda row: moment(row["queued_at"]), left=True),
        grids.text("branch_name", _("Branch")),
        grids.text("channel_name", _("Group")),
        grids.Column(
            _("Content"),
            lambda row: wording.kind_name(row["kind"]) + (" · " + _("picture") if row["is_image"] else ""),
            left=True,
        ),
        grids.text("day", _("Day")),
        grids.status(),
        grids.Column(_("Answer"), answer, left=True),
        grids.Column(
            _("Next attempt"),
            lambda row: moment(row["next_at"]) if row["status"] == WAITING else formats.NOTHING,
            left=True,
        ),
        grids.text("queued_by", _("By")),
    ]
    grids.show(found, columns, cards=True)


def answer(row: dict) -> str:
    """The service's own number, or in words what went wrong on the way."""
    code = row["code"] or formats.NOTHING
    match code:
        case deliver.HELD_BACK:
            return _("held back: it names a customer, or is too long")
        case deliver.NOT_MADE:
            return _("could not be made")
        case "no such host" | "private address" | "ConnectError" | "ConnectTimeout" | "ProxyError":
            return _("not reached ({code})", code=code)
        case "ReadTimeout" | "ReadError" | "RemoteProtocolError" | "WriteError" | "WriteTimeout":
            return _("no answer ({code})", code=code)
    return code


def moment(at: datetime | None) -> str:
    """A stored moment by the bank's clock."""
    return formats.NOTHING if at is None else f"{at + BANK_TIME:%m-%d %H:%M}"
