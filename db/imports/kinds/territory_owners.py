"""The owners that rows of a territories file name."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from db import identity
from db.access import Viewer
from db.engine import Write
from db.imports import organisation, spelling
from db.imports.organisation import NOT_YOUR_MANAGER, UNKNOWN_MANAGER
from db.imports.resolving import all_problems, as_problems, flag
from db.people import ownership
from db.people.territory_owners import BACKWARDS, NOT_OF_THE_BRANCH

WHOSE = "A share and its days are somebody's: write the staff number too"
TOO_MUCH = "The shares of this territory add up to more than 1: lower one of them"
EVER = (date(1900, 1, 1), date(2999, 12, 31))


@dataclass(frozen=True)
class Owned:
    """`changing` names the rows (sheet, row) that change who owns what, `problems` those that would give more than all of
    it."""

    changing: pl.DataFrame
    problems: pl.DataFrame


def found(viewer: Viewer, write: Write, rows: pl.DataFrame) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Adds the `manager_id` of rows that name one by staff number; gives the rows, and what is wrong with them: a number
    that is unknown within the viewer's scope."""
    managers = organisation.read_managers(write, organisation.own_managers(viewer))
    twice = spelling.known_twice(rows, managers, "staff_no", identity.number)
    rows = spelling.as_stored(rows, managers, {"staff_no": identity.number})
    rows = rows.join(managers.drop("known_as"), on="staff_no", how="left", maintain_order="left")
    unknown = pl.col("manager_id").is_null() & pl.col("staff_no").is_not_null()
    message = UNKNOWN_MANAGER if organisation.covers_bank(viewer) else NOT_YOUR_MANAGER
    return rows, [twice, flag(rows, unknown, "staff_no", message)]


def posted_elsewhere(
    write: Write, rows: pl.DataFrame, first: str | None = None, last: str | None = None
) -> pl.DataFrame:
    """The rows whose manager was not posted to their branch on any day from `first` to `last`, columns with open ends; or
    ever."""
    begins, ends = (pl.lit(None, pl.Date) if name is None else pl.col(name) for name in (first, last))
    asked = rows.drop_nulls(["manager_id", "branch_id"]).with_columns(
        first_asked=begins.fill_null(EVER[0]), last_asked=ends.fill_null(EVER[1])
    )
    posted = organisation.posted_on(write, asked, "first_asked", "last_asked")
    posted = posted.filter(pl.col("posted_branch") == pl.col("branch_id"))
    return asked.join(posted, on=["sheet", "row"], how="anti", maintain_order="left")


def with_owners(viewer: Viewer, write: Write, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Adds the `manager_id` of rows (staff_no, share, from, to, branch_id) that name an owner; gives the rows and what is
    wrong with them, such as days on which they did not work there."""
    rows, wrong = found(viewer, write, rows)
    stated = pl.any_horizontal(pl.col("share", "from", "to").is_not_null())
    backwards = (pl.col("to") < pl.col("from")).fill_null(False)
    elsewhere = posted_elsewhere(write, rows.filter(~backwards), "from", "to")
    return rows, all_problems(
        [
            *wrong,
            flag(rows, stated & pl.col("staff_no").is_null(), "staff_no", WHOSE),
            flag(rows, backwards, "to", BACKWARDS),
            as_problems(elsewhere, "staff_no", NOT_OF_THE_BRANCH),
        ]
    )


def read(write: Write, rows: pl.DataFrame) -> Owned:
    """What the sound rows (territory_id, manager_id, from, to, share) would change, and where they give too much."""
    changing: list[tuple[str, int]] = []
    too_much: list[int] = []
    for territory, before, own in by_territory(write, rows):
        stays = before
        for row in own:
            after = ownership.placed(stays, stay_of(row))
            if set(after) != set(stays):
                changing.append((row["sheet"], row["row"]))
            stays = after
        if ownership.overfull(stays) is not None:
            too_much.append(territory)
    named = pl.DataFrame(changing, {"sheet": pl.String, "row": rows.schema["row"]}, orient="row")
    wrong = pl.col("manager_id").is_not_null() & pl.col("territory_id").is_in(too_much)
    return Owned(named, flag(rows, wrong, "share", TOO_MUCH))


def store(write: Write, rows: pl.DataFrame) -> None:
    changes = {}
    for territory, before, own in by_territory(write, rows):
        stays = before
        for row in own:
            stays = ownership.placed(stays, stay_of(row))
        changes[territory] = before, stays
    ownership.keep(write, changes)


def by_territory(write: Write, rows: pl.DataFrame) -> Iterator[tuple[int, list[ownership.Stay], list[dict[str, Any]]]]:
    """Each territory with its stored stays and its rows that name an owner, in the order their stays begin."""
    own = rows.filter(pl.col("manager_id").is_not_null(), pl.col("territory_id").is_not_null())
    own = own.sort("from", nulls_last=False, maintain_order=True)
    named: dict[int, list[dict[str, Any]]] = {}
    for row in own.select("sheet", "row", "territory_id", "manager_id", "from", "to", "share").iter_rows(named=True):
        named.setdefault(row["territory_id"], []).append(row)
    for territory, stays in ownership.stored(write, [*named]).items():
        yield territory, stays, named[territory]


def stay_of(row: dict[str, Any]) -> ownership.Stay:
    return ownership.stay(row["manager_id"], row["from"], row["to"], row["share"])
