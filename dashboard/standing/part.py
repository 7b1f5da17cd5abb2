"""A part of the bank, and how it is named."""

from dataclasses import dataclass, replace

import polars as pl

from db import identity
from db.access import Viewer
from db.errors import Refused
from db.people import people
from metrics.periods import Period


@dataclass(frozen=True)
class Part:
    """A part of what the viewer may see; ids, None for all of it."""

    region: int | None = None
    branch: int | None = None
    manager: int | None = None

    def places(self) -> dict[str, int | None]:
        """The levels and ids, as reads of a place take them."""
        return dict(self.__dict__)

    def conditions(self) -> list[pl.Expr]:
        return [pl.col(level) == one for level, one in self.__dict__.items() if one is not None]


def find_part(viewer: Viewer, region: str | None, branch: str | None, manager: str | None, period: Period) -> Part:
    """The part that names stand for, each looked for within the one above it; a manager by staff number or name.
    Raises Refused for one that is not there."""
    places, staff = people.branches(viewer), people.managers(viewer, period)
    found = Part(pick(places, "region", region, ["region_name"]))
    found = replace(found, branch=pick(places.filter(*found.conditions()), "branch", branch, ["branch_name"]))
    within = staff.filter(*found.conditions())
    return replace(found, manager=pick(within, "manager", manager, ["staff_no", "manager_name"]))


def pick(table: pl.DataFrame, key: str, wanted: str | None, names: list[str]) -> int | None:
    if wanted is None:
        return None
    for name in names:
        form = identity.number if name == "staff_no" else identity.key
        found = table.filter(identity.each(pl.col(name), form) == form(wanted))[key].unique()
        if len(found) == 1:
            return found[0]
    raise Refused("“{name}” is unknown here, or not unique.", name=wanted)
