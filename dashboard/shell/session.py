"""The state of a browser session: what its link says, who looks, in which language. The only place that keeps state."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import wraps
from typing import Literal, cast
from urllib.parse import urlencode

import polars as pl
import streamlit as st
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer
from streamlit.elements.lib.mutable_popover_container import PopoverContainer
from streamlit.elements.lib.mutable_tab_container import TabContainer
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dashboard.shell import clock, language
from dashboard.shell.language import LANGUAGES, word
from dashboard.shell.navigation import BY_NAME
from dashboard.shell.settings import settings
from dashboard.shell.store import shared
from dashboard.shell.waking import WATCHER
from db.access import Viewer
from db.accounts import sign_in
from db.people import people

LINK = (
    "lang",
    "tv",
    "region",
    "branch",
    "day",
    "month",
    "year",
    "measure",
    "manager",
    "customer",
    "list",
    "silence",
    "product",
    "tier",
    "since",
    "until",
    "kind",
    "meeting",
    "shelf",
    "visiting",
    "against",
    "grain",
    "through",
    "way",
    "section",
    "rate",
    "split",
    "earlier_since",
    "earlier_until",
)


def start() -> None:
    """Takes over what the link says, keeps it over page switches, and writes it back, so that a link always shows what
    its reader would see. To be called first in every run."""
    kept = st.session_state.setdefault("link", {})
    kept |= {name: value for name, value in st.query_params.items() if name in LINK and value}
    publish()
    listen()


def listen() -> None:
    """Speaks the reader's language from here on: in every run, also of a part of a page that runs by itself."""
    language.speak(link("lang") or browser_language())


def publish() -> None:
    if dict(st.query_params) != st.session_state.link:
        st.query_params.from_dict(st.session_state.link)


def browser_language() -> str:
    """The language chosen on the sign-in page, else the browser's."""
    chosen = st.context.cookies.get("chenxi_lang")
    if chosen in LANGUAGES:
        return chosen
    locale = st.context.locale or "zh"
    return "en" if locale.lower().startswith("en") else "zh"


def link(name: str) -> str | None:
    """What the link says of a filter."""
    return st.session_state.link.get(name)


def whole_link() -> tuple[tuple[str, str], ...]:
    """All that the link says, always in the same order."""
    return tuple(sorted(st.session_state.link.items()))


def set_link(**values: object) -> None:
    """Changes filters, in this session and in its link; None takes one out."""
    for name, value in values.items():
        if value is None:
            st.session_state.link.pop(name, None)
        else:
            st.session_state.link[name] = str(value)
    publish()


def href(page: str = "", **values: object) -> str:
    """A link to a page, this one unless told, with these filters changed; None takes one out."""
    changed = st.session_state.link | values
    return f"{page}?" + urlencode({name: str(value) for name, value in changed.items() if value is not None})


def linked(name: str) -> Callable[[], None]:
    """For a widget with the key `link <name>`: writes what was chosen into the link."""

    def chosen() -> None:
        set_link(**{name: st.session_state[f"link {name}"]})

    return chosen


def state() -> dict:
    """A place for what must outlive a rerun: an open form's key, a table under edit."""
    return st.session_state.setdefault("kept", {})


def folded(label: str, name: str, content: Callable[[], None], expanded: bool = False, icon: str | None = None) -> None:
    """An expander whose content is built when it is first open."""
    build(st.expander(label, expanded, key=name, icon=icon, on_change="rerun"), name, content)


def popover(
    label: str,
    name: str,
    content: Callable[[], None],
    look: Literal["primary", "secondary", "tertiary"] = "secondary",
) -> None:
    """A popover whose content is built when it is first open."""
    build(st.popover(label, type=look, key=name, on_change="rerun"), name, content)


def tabs(shown: Mapping[str, Callable[[], None]], name: str) -> None:
    """Tabs by their labels, each built when it is first open."""
    panels = st.tabs(list(shown), key=name, on_change="rerun")
    for place, (panel, content) in enumerate(zip(panels, shown.values(), strict=True)):
        build(panel, f"{name} {place}", content)


def build(panel: ExpanderContainer | PopoverContainer | TabContainer, name: str, content: Callable[[], None]) -> None:
    """Builds what is folded away when it is first open, and from then on, so that what was typed into it is there when it
    is opened again."""
    built = state().setdefault("built", set())
    if panel.open:
        built.add(name)
    if name in built:
        with panel:
            content()


def store():
    return shared(settings().database_url)


def arrive() -> Viewer | None:
    """Who is looking, asked anew in every run: whoever is in the session that the gate has passed on; None when it has
    ended. Anything done on the page keeps the session; a page that runs again by itself does not."""
    session = sign_in_id()
    found = None if session is None else sign_in.viewer(store(), session, clock.today())
    by_itself = WATCHER.was_woken()
    if found is not None and not by_itself:
        sign_in.extend(found)
    state().update(viewer=found, arrived=found, woken=by_itself)
    return found


def roles() -> dict[str, Viewer]:
    """Who is looking, by each role they hold today: their own, and a deputy's while they stand in for their head."""
    own = state()["arrived"]
    deputy = sign_in.deputy(own, clock.today())
    return {one.role: one for one in (own, deputy) if one is not None}


def look_as(page: str, held: dict[str, Viewer]) -> Viewer:
    """Who looks at a page: whoever they are themselves, if that opens it; else the deputy, as whom they also look at
    what a link says of a colleague. Gives whom `viewer` is from here on."""
    fitting = [one for role, one in held.items() if page in BY_NAME and role in BY_NAME[page].roles]
    of_a_colleague = link("manager") not in (None, str(state()["arrived"].manager))
    state()["viewer"] = fitting[-1 if of_a_colleague else 0] if fitting else state()["arrived"]
    return state()["viewer"]


def viewer() -> Viewer:
    """Who is looking, for a page: it is only reached by somebody."""
    return state()["viewer"]


def woken() -> bool:
    """Whether the page runs again by itself, because somebody else has written, and nobody has tapped on anything."""
    return state()["woken"]


def is_manager() -> bool:
    """Whether whoever looks is a manager, also while they look on as a deputy."""
    arrived = state().get("arrived")
    return arrived is not None and arrived.role == "manager"


def may_open(page: str) -> bool:
    """Whether whoever is looking may open a page."""
    looking = state().get("viewer")
    return looking is not None and looking.role in BY_NAME[page].roles


def sign_in_id() -> int | None:
    """The session the gate has passed on, ended or not."""
    passed = st.user.get("sign_in")
    return int(passed) if passed else None


def part(draw: Callable) -> Callable:
    """A part of a page that may run by itself, drawn from one moment of the store each time. Its first parameter is the
    viewer: somebody is typing into it, and their session goes on; when it has ended, the whole page finds out."""

    @st.fragment
    @wraps(draw)
    def drawn(viewer: Viewer, *args, **kwargs):
        listen()
        with store().moment():
            if alone():
                if not sign_in.is_open(viewer):
                    st.rerun()
                sign_in.extend(viewer)
            return draw(viewer, *args, **kwargs)

    return drawn


def alone() -> bool:
    """Whether a part of the page runs by itself, the rest of it standing as it was."""
    context = get_script_run_ctx()
    return context is not None and bool(context.fragment_ids_this_run)


def label(viewer: Viewer) -> str:
    """Who and where the viewer is, in a few words."""
    return viewer.cached("label", language.language(), read=lambda: named(viewer))


def named(viewer: Viewer) -> str:
    if viewer.role == "manager":
        return people.names(viewer).filter(pl.col("manager") == viewer.manager)["manager_name"].item()
    places = people.branches(viewer)
    named = {"regional": "region_name", "branch_head": "branch_name", "screen": "branch_name"}.get(viewer.role)
    return places[named][0] if named and places.height else word(viewer.role)


def today() -> date:
    return clock.today()


def looks_at(file: UploadedFile) -> None:
    """This run of the page still needs the file that was brought."""
    state().setdefault("files looked at", set()).add(file.file_id)


def let_files_go() -> None:
    """To be called at the end of a run: frees the files that a run before has looked at, and this one has not. What has
    come only now, and no run has seen yet, stays. By itself Streamlit holds them until ten minutes after the browser has
    left."""
    now, before = state().pop("files looked at", set()), state().get("files held", set())
    running = get_script_run_ctx()
    if running is not None:
        held = cast(MemoryUploadedFileManager, running.uploaded_file_mgr)
        for one in before - now:
            held.remove_file(running.session_id, one)
    state()["files held"] = now
