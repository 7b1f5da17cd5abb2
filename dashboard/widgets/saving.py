"""Saving what somebody typed: done and shown anew, or refused beside the button with everything still in the form."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import streamlit as st

from dashboard.shell.run_slots import SLOTS
from dashboard.widgets import notices
from dashboard.widgets.notices import Outcome


@contextmanager
def saving(message: str = "") -> Iterator[Outcome]:
    """Around a write, below the button that asks for it: `with saving(_("Saved")): store(…)`. When it went through, the
    page runs again and says the message (none: the page itself shows what was done); what depends on what was stored is
    said as `outcome.message`. When storage refused, the reason is shown here and nothing else has changed: what follows
    the block runs, and can ask `outcome.refused`. A rerun asked for within the block is left alone, and says nothing."""
    with notices.refusals() as outcome, SLOTS.lent():
        outcome.message = message
        yield outcome
    if outcome.refused is None:
        finish(outcome.message)


def finish(message: str = "") -> NoReturn:
    """Runs the page again, which then says the message."""
    if message:
        notices.keep(message)
    st.rerun()
