"""The guided sheet of an interview, filled by the branch head, and the answer to it."""

from datetime import date, timedelta

import streamlit as st

from dashboard.diagnosis.rated import METRICS
from dashboard.interviews.proposal import Proposal
from dashboard.shell import session
from dashboard.shell.language import _, word
from dashboard.widgets import drafts
from dashboard.widgets.saving import saving
from db.access import Viewer
from db.codes import ACTION_OWNERS, CAUSES, REACTIONS, WATCHED
from db.interviews import interviewing
from db.interviews.interviewing import Action, Sheet
from db.limits import LONGEST_TEXT

ACTIONS = 3  # that are asked for
TIME = timedelta(14)  # for an action, unless another day is set
ASPECT = {
    "activity": lambda: _("Activity: whom they visit, how often, when"),
    "products": lambda: _("Products: what they know of ours and of rivals'"),
    "skill": lambda: _("Selling skill: finding the need, talk, closing"),
    "mind": lambda: _("State of mind: confidence, pressure, life outside"),
    "drive": lambda: _("What is particular to them, and what drives them"),
}


@session.part
def sheet(viewer: Viewer, manager: int, found: Proposal, held: dict, agreed: list[dict], today: date) -> None:
    """Asks for an interview held today. The fields stand as they were half typed, else as the diagnosis proposes them, or
    as they were stored today: `held` is the row of today's interview, {} where there is none."""
    typed = drafts.Form(viewer, f"interview {manager} {today}")
    texts: dict[str, str] = {}
    for aspects in (("activity", "products"), ("skill", "mind")):
        for aspect, place in zip(aspects, st.columns(2), strict=True):
            with place:
                texts[aspect] = area(typed, aspect, ASPECT[aspect](), held, found.facts.get(aspect, ""))
    texts["drive"] = area(typed, "drive", ASPECT["drive"](), held)
    texts["real_reason"] = area(typed, "real_reason", _("The real reason, in their words"), held)
    with st.container(horizontal=True):
        cause = chosen(typed, "cause", _("Cause"), list(CAUSES), held, found.cause)
        reaction = chosen(typed, "reaction", _("What to do"), list(REACTIONS), held, found.reaction)
        watched = chosen(typed, "watched", _("The number that is to move"), list(WATCHED), held, found.watched)
    actions = [action(typed, nth, agreed[nth] if nth < len(agreed) else {}, today) for nth in range(ACTIONS)]
    st.caption(_("Cause and reaction stand as the diagnosis proposes them: what you save is your own verdict."))
    typed.keep()
    if st.button(_("Confirm and save"), type="primary", key=f"hold {typed.key}"):
        done = tuple(one for one in actions if one is not None)
        kept = {name: text.strip() or None for name, text in texts.items() if name != "real_reason"}
        codes = {"factor": found.factor, "proposed": found.reaction}
        stored = Sheet(cause, reaction, watched, texts["real_reason"].strip(), done, **codes, **kept)
        with saving(_("The interview is stored; they read the sheet on their own profile and add their view.")):
            interviewing.hold(viewer, manager, stored, today)
            typed.sent()


def area(typed: drafts.Form, name: str, label: str, held: dict, usual: str = "") -> str:
    start = typed.start.get(name, "") if typed.start else held[name] or "" if held else usual
    return st.text_area(label, start, height=90, max_chars=LONGEST_TEXT, key=typed.field(name)) or ""


def chosen(typed: drafts.Form, name: str, label: str, options: list[str], held: dict, usual: str | None) -> str | None:
    """One of some codes, half typed, proposed or as it was stored."""
    start = typed.start.get(name) if typed.start else held.get(name, usual)
    place = options.index(start) if start in options else None
    return st.selectbox(label, options, place, say, key=typed.field(name), placeholder=_("Choose"))


def say(code: str) -> str:
    return _(METRICS[code].label) if code in METRICS else word(code)


def action(typed: drafts.Form, nth: int, held: dict, today: date) -> Action | None:
    """One agreed action; None where no words stand in it."""
    owners = list(ACTION_OWNERS)
    names = {name: f"{name} {nth}" for name in ("action", "owner", "due")}
    if typed.start:
        held = {name: typed.start[one] for name, one in names.items() if one in typed.start}
    day = held.get("due", today + TIME)
    day = date.fromisoformat(day) if isinstance(day, str) else day
    place = owners.index(held.get("owner", owners[0]))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            _("Agreed action {number}", number=nth + 1),
            held.get("action", ""),
            max_chars=LONGEST_TEXT,
            key=typed.field(names["action"]),
        )
        owner = st.selectbox(_("Done by"), owners, place, word, key=typed.field(names["owner"]), width=180)
        due = st.date_input(_("Due on"), day, key=typed.field(names["due"]), width=150)
    return Action(owner, text.strip(), due or today) if text and text.strip() else None


def answer(viewer: Viewer, interview: int, view: str | None) -> None:
    """Asks the interviewed for their view, once they have given it only where they open it."""
    if view is None:
        first_answer(viewer, interview)
        return
    name = f"change view {interview}"
    session.popover(_("Change your view"), name, lambda: other_answer(viewer, interview, view))


def other_answer(viewer: Viewer, interview: int, view: str) -> None:
    said = st.text_area(_("Your view"), view, max_chars=LONGEST_TEXT, key=f"view {interview}")
    if st.button(_("Save"), type="primary", key=f"answer {interview}"):
        with saving(_("Your view is stored.")):
            interviewing.answer(viewer, interview, said or "")


@session.part
def first_answer(viewer: Viewer, interview: int) -> None:
    typed = drafts.Form(viewer, f"view {interview}")
    said = st.text_area(_("Your view"), typed.start.get("view", ""), max_chars=LONGEST_TEXT, key=typed.field("view"))
    typed.keep()
    if st.button(_("Add your view"), type="primary", key=f"answer {typed.key}"):
        with saving(_("Your view is stored.")):
            interviewing.answer(viewer, interview, said or "")
            typed.sent()
