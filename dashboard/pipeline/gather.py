"""The pipeline as lists to work through: what is due, what stands still, what broke the procedure, what stands at each
step. Reckoned once for all who see the same part of the bank, until anybody writes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, partial

import polars as pl

from dashboard.shell.language import _, language, word
from dashboard.standing import bank_rules
from dashboard.standing.part import Part
from dashboard.widgets import formats
from db import codes
from db.access import Viewer
from db.calendar import calendar
from db.log import product_list
from db.people import people
from db.pipeline import opportunities
from metrics import pipeline, statuses
from metrics.definitions import Definitions
from metrics.periods import Period
from metrics.pipeline import PROCEDURE

WON_WITHIN = timedelta(365)  # what was won longer ago is no norm any more
URGENT = statuses.codes((statuses.OVERDUE, statuses.DUE_TODAY, statuses.STALLED, statuses.BREACHED))
STEPS = PROCEDURE[:-1]
LISTS = (*URGENT, *STEPS, "over_today")


@dataclass(frozen=True)
class Board:
    """`table` has one row an opportunity (opportunities.OPPORTUNITY, procedure.STANDING with `cases`, `limit`,
    `stalled`, `dormant`, and `due`, of its next step: overdue, due_today, ahead or no_step); `breaches`
    (procedure.BREACH) are those of all, over or not; `days` are those over which ages were counted."""

    table: pl.DataFrame
    breaches: pl.DataFrame
    rules: Definitions
    days: Period

    def of(self, part: Part) -> "Board":
        """The same of a part of what the viewer sees."""
        here = part.conditions()
        if not here:
            return self
        table = self.table.filter(*here)
        breaches = self.breaches.join(table, on="opportunity", how="semi", maintain_order="left")
        return Board(table, breaches, self.rules, self.days)

    @cached_property
    def managers(self) -> set[int]:
        return set(self.open["manager"].unique()) | set(self.dormant["manager"].unique())

    @cached_property
    def open(self) -> pl.DataFrame:
        """Those under way; the dormant ones are not among them."""
        return self.table.filter(pl.col("end").is_null(), pl.col("step").is_not_null(), ~pl.col("dormant"))

    @cached_property
    def dormant(self) -> pl.DataFrame:
        """Those asleep, for the longest on top."""
        return ordered(self.table.filter("dormant"), "-silence")

    @cached_property
    def by_step(self) -> pl.DataFrame:
        """How many stand at each step (metrics.pipeline.by_step)."""
        return pipeline.by_step(self.open)

    def lists(self, today: date) -> dict[str, list[int]]:
        """The opportunities of each list (LISTS), the most urgent on top; one may stand in several. Breaches are listed
        of those that are over, too."""
        up = self.open
        broken = self.breaches.group_by("opportunity").agg(pl.col("day").max())
        over = self.table.select("opportunity", over=pl.col("end").is_not_null())
        chosen = {
            "overdue": ordered(up.filter(pl.col("due") == "overdue"), "next_step_due", "-step"),
            "due_today": ordered(up.filter(pl.col("due") == "due_today"), "-step", "-age"),
            "stalled": ordered(up.filter("stalled"), "-step", "-age"),
            "breached": ordered(broken.join(over, on="opportunity"), "over", "-day"),
            "over_today": ordered(self.table.filter(pl.col("end_day") == today), "end"),
        }
        for step in STEPS:
            chosen[step] = ordered(up.filter(pl.col("step") == step), "next_step_due", "-age")
        return {name: chosen[name]["opportunity"].to_list() for name in LISTS}


def board(viewer: Viewer, today: date, part: Part = Part()) -> Board:
    """The pipeline of a part of what the viewer sees. Who sees several branches sees the boards of each beside each
    other: what one of them writes leaves the others as they are."""
    several = viewer.branch is None
    if several and part.branch in people.branches(viewer)["branch"]:
        return each(viewer, today, [part.branch])[0].of(part)
    whole = viewer.cached("pipeline", today, read=lambda: (beside if several else alone)(viewer, today))
    return whole.of(part)


def alone(viewer: Viewer, today: date) -> Board:
    return compute(viewer, today, bank_rules.definitions(viewer, today))


def beside(viewer: Viewer, today: date) -> Board:
    """The boards of all branches as one."""
    boards = each(viewer, today, [*people.branches(viewer)["branch"], *opportunities.elsewhere(viewer)])
    if not boards:
        return alone(viewer, today)
    days = Period(min(one.days.first for one in boards), max(one.days.last for one in boards))
    tables, breaches = (pl.concat(getattr(one, name) for one in boards) for name in ("table", "breaches"))
    return Board(tables, breaches, boards[0].rules, days)


def each(viewer: Viewer, today: date, branches: Sequence[int]) -> list[Board]:
    """The boards of these branches, by the rules of all that the viewer sees."""
    rules = bank_rules.definitions(viewer, today)

    def together() -> dict[int, Board]:
        whole = compute(viewer, today, rules)
        return {branch: whole.of(Part(branch=branch)) for branch in branches}

    one = partial(compute, viewer, today, rules)
    return viewer.by_branch("pipeline of a branch", branches, today, rules, one=one, together=together)


def compute(viewer: Viewer, today: date, rules: Definitions, branch: int | None = None) -> Board:
    table, steps = opportunities.read(viewer, branch)
    span = Period(min(steps["day"].min() or today, today), today)
    days = calendar.read(viewer, span)
    standing = pipeline.standing(steps, days, today).join(table.select("opportunity", "family"), on="opportunity")
    standing = pipeline.with_stalled(standing, norms(viewer, today, rules.stalled_share), rules.small_sample)
    table = table.join(standing.drop("family"), on="opportunity", how="left").with_columns(
        pipeline.dormant(rules.dormant_days), due=pipeline.due(today)
    )
    return Board(table, pipeline.breaches(steps, today), rules, span)


def norms(viewer: Viewer, today: date, share: float) -> pl.DataFrame:
    """What is usual in the viewer's region (metrics.pipeline.norms): of days that are over, so that what is written
    today leaves it as it is."""

    def read() -> pl.DataFrame:
        won = opportunities.won(viewer, today - WON_WITHIN, today)
        days = calendar.read(viewer, Period(won["day"].min() or today, max(won["day"].max() or today, today)))
        return pipeline.norms(won, days, share)

    return viewer.cached("norms of steps", viewer.region, today, share, read=read, same_for_all=True)


def rows(viewer: Viewer, found: Board, wanted: Collection[int]) -> list[dict]:
    """What is shown of these opportunities, in their order: opportunities.DETAIL, where it stands, and what it broke, a
    text each (`breaches`)."""
    known = opportunities.details(viewer, wanted)
    where = found.table.select(
        *("opportunity", "branch", "manager", "family", "step", "since", "age", "silence", "end", "limit"),
        *("stalled", "dormant", "due"),
    )
    said = breach_texts(found.breaches.filter(pl.col("opportunity").is_in(list(wanted))))
    by_id = {row["opportunity"]: row for row in known.join(where, on="opportunity", how="left").to_dicts()}
    names = dict(product_list.read(viewer).select("product", f"product_{language()}").iter_rows())
    more = {
        one: {"product_name": names.get(row["product"]), "breaches": said.get(one, [])} for one, row in by_id.items()
    }
    return [by_id[one] | more[one] for one in wanted if one in by_id]


def flags(viewer: Viewer, wanted: Collection[int | None], today: date) -> dict[int, list[str]]:
    """What each of these opportunities broke, in the user's words; only those that broke something."""
    asked = tuple(sorted({one for one in wanted if one is not None}))

    def read() -> dict[int, list[str]]:
        return breach_texts(pipeline.breaches(opportunities.steps(viewer, asked), today))

    return viewer.cached("flags", asked, today, language(), read=read) if asked else {}


def breach_texts(breaches: pl.DataFrame) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for row in breaches.to_dicts():
        found.setdefault(row["opportunity"], []).append(breach_text(row))
    return found


def breach_text(row: dict) -> str:
    """A breach (procedure.BREACH) in the user's words."""
    said = {"step": word(row["kind"]), "other": word(row["other"]), "day": formats.short_day(row["day"])}
    if row["rule"] == "future":
        return _("{step} dated in the future ({day})", **said)
    if row["rule"] == "without":
        return _("{step} ({day}) without {other}", **said)
    return _("{step} ({day}) before {other} ({other_day})", **said, other_day=formats.short_day(row["other_day"]))


def step_label(text: str | None) -> str | None:
    """A next step or a reason as it is said: those of the bank's lists in the reader's language, others as typed."""
    return word(text) if text in codes.NEXT_STEPS or text in codes.LOST_REASONS else text


def ordered(table: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """Sorted by these columns, largest first where a minus stands; always the same way."""
    names = [key.removeprefix("-") for key in keys]
    downwards = [key.startswith("-") for key in keys]
    return table.sort(*names, "opportunity", descending=[*downwards, False], nulls_last=True)
