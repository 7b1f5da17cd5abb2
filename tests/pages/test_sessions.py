"""Many people at once, of all roles and places, while others write: each sees what is theirs, whatever came before."""

import random
import shutil

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.shell.language import LANGUAGES, speak
from dashboard.shell.store import shared
from db.accounts import sign_in
from db.log.entry import Entry
from db.recording import recording
from tests.conftest import FRIDAY
from tests.support.pages import SEEN_BY, healthy, signed_in, visit
from tests.support.sent_messages import listening
from tests.support.sweep import parts, scaled
from tests.support.three_regions import (
    BRANCH_OF,
    CUSTOMERS,
    FOREIGN_PLACES,
    REGIONS,
    TEAM,
    fill,
    logins,
    never_shown,
    place_of,
)

SESSIONS, RERUNS, WRITE_EVERY = scaled(50, 10), scaled(10, 4), scaled(50, 8)
PARTS = parts(sweep=4)
COSTLY = ("weekly_meeting", "branch_comparison")  # charts: every fifth session looks at them
LINKS = {
    "branch": [str(one) for one in FOREIGN_PLACES],
    "manager": [str(one) for one in BRANCH_OF],
    "region": [str(one) for one in REGIONS],
    "day": ["2026-11-20", "2026-11-19", "2026-11-11"],
    "month": ["2026-11-01", "2026-10-01"],
    "measure": ["consultations", "deals", "deal_amount"],
}
MEASURES = LINKS["measure"]
FREE_SIGN = 0x4C00  # beyond those the bank is named with


@pytest.fixture
def bank(configured, sqlite_template, tmp_path):
    configured.database_url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'regions.db')}"
    return shared(configured.database_url)


def cast(rng: random.Random) -> list[tuple[str, str]]:
    """Who looks at which page: every account there is, then some of them twice; or, of few, of every role somebody."""
    several = [login for login in logins() if place_of(login)[0] != "screen"]
    if len(logins()) > SESSIONS:
        roles = [[login for login in logins() if place_of(login)[0] == role] for role in SEEN_BY]
        people = [rng.choice(ones) for ones in roles]
        people += rng.sample(several, SESSIONS - len(people))
    else:
        people = [*logins(), *rng.sample(several, SESSIONS - len(logins()))]
    chosen = []
    for nth, login in enumerate(people):
        pages = SEEN_BY[place_of(login)[0]]
        chosen.append((login, rng.choice([one for one in pages if nth % 5 == 0 or one not in COSTLY])))
    return chosen


def wander(rng: random.Random, app: AppTest, places: dict[str, int]) -> AppTest:
    """One rerun, as a person's next click would cause it."""
    speak("en" if "en" in app.query_params.get("lang", ()) else "zh")  # AppTest spells what is chosen in this thread
    branches = [one for one in app.selectbox if one.key == "link branch"]
    measures = [one for one in app.get("button_group") if one.key == "link measure"]
    match rng.randrange(12):
        case 0 if branches:
            branches[0].set_value(places.get(rng.choice(branches[0].options)))
        case 1 if measures:
            measures[0].set_value(rng.choice(MEASURES))
        case 2 | 3 | 5:
            name = rng.choice(list(LINKS))
            app.query_params[name] = rng.choice(LINKS[name])
        case 4:
            next(one for one in app.button if one.label in LANGUAGES.values()).click()
    return app.run()


@pytest.mark.slow
@pytest.mark.parametrize("seed", PARTS)
def test_interleaved_sessions_stay_within_their_scope(bank, seed):
    rng = random.Random(seed)
    names, people = fill(bank), cast(rng)
    assert len(people) == SESSIONS
    places = {names.of["branch", branch]: branch for branch in TEAM}
    apps = [visit(signed_in(bank, login), page) for login, page in people]
    words = {login: never_shown(names, login) for login, _page in people}
    writers = {manager: sign_in.viewer(bank, signed_in(bank, f"manager-{manager}"), FRIDAY) for manager in BRANCH_OF}
    turns = [place for place in range(SESSIONS) for _rerun in range(RERUNS)]
    rng.shuffle(turns)
    written = 0
    with listening() as wire:
        for turn, place in enumerate(turns):
            if turn % WRITE_EVERY == 0:
                written += 1
                manager, sign = rng.choice(list(BRANCH_OF)), chr(FREE_SIGN + written)
                entry = Entry("consultation", FRIDAY, customer_name=f"{sign}新客户", note=f"{sign}谈过")
                recording.record(writers[manager], manager, entry, f"turn {turn}", FRIDAY)
                for login in words:
                    role, own = place_of(login)
                    if (role, own) not in (("manager", manager), ("branch_head", BRANCH_OF[manager])):
                        words[login] = words[login] | {f"{sign}新", f"{sign}谈"}
            login, page = people[place]
            wire.clear()
            app = healthy(wander(rng, apps[place], places))
            sent = wire.sent()
            leaked = [word for word in words[login] if word.encode() in sent]
            assert not leaked, (turn, login, page)
            assert app.title[0].value != "晨夕"
        wire.clear()
        healthy(visit(signed_in(bank, f"manager-{manager}"), "my_day"))
        assert f"{chr(FREE_SIGN + written)}新".encode() in wire.sent()  # it does reach whoever may see it
    assert turn + 1 == SESSIONS * RERUNS and written == SESSIONS * RERUNS // WRITE_EVERY
    assert len(CUSTOMERS) == len(BRANCH_OF) == 2 * len(TEAM)
