"""What a page says to whoever looks: a refusal, a thing done."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st

from dashboard.shell import session
from dashboard.shell.language import plain, say
from dashboard.widgets import changes
from db.errors import Changed, StorageError


@dataclass
class Outcome:
    """How it went: `refused` is the reason where it did not go through, `message` what is said where it did."""

    refused: StorageError | None = None
    message: str = ""


@contextmanager
def refusals() -> Iterator[Outcome]:
    """Around what storage may refuse: the refusal is shown here, and the page goes on below."""
    outcome = Outcome()
    try:
        yield outcome
    except StorageError as error:
        outcome.refused = error
        refused(error)


def refused(error: StorageError) -> None:
    """The refusal, and what somebody else did meanwhile where that is the reason."""
    lines = changes.lines(error.changes) if isinstance(error, Changed) else []
    st.error("\n".join([say(error, plain), *(f"- {plain(line)}" for line in lines)]))


def done(message: str) -> None:
    """A message whose stored text went through words.plain."""
    st.toast(message, icon=":material/check:")


def keep(message: str) -> None:
    """For the run after this one: a rerun throws away what the browser has not been sent yet."""
    session.state()["message"] = message


def kept() -> None:
    """Shows what the last run left to be said. To be called in every run of the whole page."""
    message = session.state().pop("message", None)
    if message:
        done(message)
