"""Which reactions worked, how often, counted by hand."""

from datetime import date, timedelta

import polars as pl
import pytest

from metrics.interviews.agreed import counted, with_state
from metrics.interviews.effect import EARLY, FALLEN, RISEN, UNCLEAR
from metrics.interviews.worked import COUNTS, worked

CHAIN = {
    "branch": pl.Int32,
    "cause": pl.String,
    "reaction": pl.String,
    "verdict": pl.String,
    "actions": pl.Int64,
    "actions_done": pl.Int64,
}
CHAINS = pl.DataFrame(
    [
        (1, "habit", "urge", RISEN, 2, 2),
        (1, "habit", "urge", UNCLEAR, 1, 0),
        (1, "skill", "train", EARLY, 1, 1),
        (2, "habit", "urge", FALLEN, 1, 1),
        (2, "habit", "train", RISEN, 1, 1),
    ],
    CHAIN,
    orient="row",
)


def test_reactions_are_counted_among_those_that_can_be_judged():
    train, urge = worked(CHAINS, ["reaction"]).to_dicts()
    assert [train[name] for name in COUNTS] == [2, 1, 1, 0, 2, 2] and train["share"] == 1.0
    assert [urge[name] for name in COUNTS] == [3, 3, 1, 1, 4, 3]
    assert (urge["share"], urge["enough"]) == (pytest.approx(1 / 3), False)
    assert urge["low"] == pytest.approx(0.0615, abs=1e-4) and urge["high"] == pytest.approx(0.7923, abs=1e-4)


@pytest.mark.parametrize("by", [["branch"], ["cause", "reaction"], ["followed"], ["branch", "followed"]])
def test_the_parts_of_any_division_add_up_to_the_whole(by):
    parts, whole = worked(CHAINS, by), worked(CHAINS, [])
    assert parts.select(pl.col(COUNTS).sum()).row(0) == whole.select(COUNTS).row(0)
    assert parts.select(by).is_unique().all()


def test_what_was_not_all_done_stands_apart_and_five_are_enough():
    done, left = worked(CHAINS, ["followed"]).to_dicts()
    assert (done["followed"], done["held"], left["held"], left["judged"]) == ("all_done", 4, 1, 1)
    assert worked(pl.concat([CHAINS, CHAINS]), [])["enough"].item()


def test_nothing_held_is_nothing_counted():
    none = CHAINS.clear()
    assert worked(none, ["cause"]).is_empty()
    assert worked(none, []).select("held", "share", "low").row(0) == (0, None, None)


def test_an_action_is_done_overdue_once_its_day_is_over_or_to_do():
    day = date(2026, 11, 20)
    rows = [(day, None), (day - timedelta(1), None), (day - timedelta(9), day)]
    stated = with_state(pl.DataFrame(rows, {"due": pl.Date, "done_on": pl.Date}, orient="row"), day)
    assert stated["state"].to_list() == ["step_open", "overdue", "step_done"]
    assert counted(stated.filter(due=day)) == {"step_open": 1}
    assert list(counted(stated)) == ["overdue", "step_open", "step_done"]
