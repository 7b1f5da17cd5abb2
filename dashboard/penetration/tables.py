"""Penetration on a day, by whatever part of the bank: each region by its own definitions, all together as their sum."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from dashboard.standing import bank_rules
from dashboard.standing.part import Part
from dashboard.standing.standing import with_names
from db.access import Viewer
from db.customers import stock
from db.log import learning
from db.people import people, territories
from metrics.penetration.owners import CELL
from metrics.penetration.penetration import Cells, Frames, cells, penetration, product_penetration
from metrics.penetration.stock import first_days
from metrics.periods import Period

BEGINNING = date(2000, 1, 1)  # before any log


@dataclass(frozen=True)
class Penetration:
    """What the viewer sees of a part of the bank `on` a day; flows are those since `first`, or all. A manager is told of
    themself alone."""

    viewer: Viewer
    on: date
    first: date | None = None
    part: Part = field(default_factory=Part)

    def table(self, by: Sequence[str] = ()) -> pl.DataFrame:
        """metrics.penetration.penetration by keys of CELL, everyone in the part included, with their names."""

        def read() -> pl.DataFrame:
            whose = everyone(self.viewer, self.on, by)
            whose = whose.filter(*conditions(self.viewer, self.part, whose.columns))
            whose = whose if by and set(by) <= set(whose.columns) else None
            return named(self.viewer, penetration(self.cells().table, by, whose))

        return self.viewer.cached("penetration", self.on, self.first, self.part, tuple(by), read=read)

    def total(self) -> dict:
        """All of it together: one row."""
        return self.table().row(0, named=True)

    def products(self, by: Sequence[str] = ()) -> pl.DataFrame:
        """metrics.penetration.product_penetration, with the names of products."""

        def read() -> pl.DataFrame:
            return named(self.viewer, product_penetration(self.cells(), by))

        return self.viewer.cached("penetration of products", self.on, self.first, self.part, tuple(by), read=read)

    def cells(self) -> Cells:
        branches = [*people.branches(self.viewer)["branch"]] if self.part.branch is None else [self.part.branch]
        found = all_cells(self.viewer, self.on, self.first, branches)
        here = conditions(self.viewer, self.part, CELL)
        return Cells(found.table.filter(*here), found.products.filter(*here))


def conditions(viewer: Viewer, part: Part, columns: Sequence[str]) -> list[pl.Expr]:
    """The rows of the part that are the viewer's to see, as far as the columns can tell."""
    asked = [*part.__dict__.items(), ("manager", viewer.manager)]  # of a colleague and oneself nothing is both
    return [pl.col(level) == one for level, one in asked if one is not None and level in columns]


def all_cells(viewer: Viewer, on: date, first: date | None, branches: Sequence[int]) -> Cells:
    """The cells of these branches within the viewer's scope, each remembered by itself."""

    def together() -> dict[int, Cells]:
        whole = computed(viewer, on, first)
        return {branch: of_branch(whole, branch) for branch in branches}

    def one(branch: int) -> Cells:
        return of_branch(computed(viewer, on, first, branch), branch)

    parts = viewer.by_branch("penetration cells", branches, on, first, one=one, together=together)
    if not parts:
        return computed(viewer, on, first)
    return Cells(pl.concat(one.table for one in parts), pl.concat(one.products for one in parts))


def of_branch(whole: Cells, branch: int) -> Cells:
    here = pl.col("branch") == branch
    return Cells(whole.table.filter(here), whole.products.filter(here))


def computed(viewer: Viewer, on: date, first: date | None, branch: int | None = None) -> Cells:
    """The cells of all branches within the viewer's scope; given one, those of it are whole, and nothing is read of the
    customers of others."""
    seen, whole = people.branches(viewer), frames(viewer, on, branch)
    if branch is not None:
        seen = seen.filter(branch=branch)
    regions = seen["region"].unique(maintain_order=True) if seen.height else [viewer.region]
    parts = []
    for region in regions:
        rules = bank_rules.definitions(viewer, on, Part(region=region))
        parts.append(cells(in_region(whole, region), on, rules, first))
    return Cells(pl.concat(one.table for one in parts), pl.concat(one.products for one in parts))


def frames(viewer: Viewer, on: date, branch: int | None = None) -> Frames:
    """Everything the penetration of the viewer's branches (or of one of them) on a day is made of."""
    return Frames(
        stock.reduced(viewer, on, first_days, branch),
        learning.read(viewer, Period(BEGINNING, on), branch=branch),
        stock.customers(viewer, branch),
        stock.holdings(viewer, branch),
        people.branches(viewer).select("region", "branch"),
        territories.listing(viewer).select("region", "branch", "territory"),
        territories.registers(viewer),
        territories.owners(viewer),
        people.managers(viewer, Period(on, on)).select("manager", "branch"),
    )


def in_region(whole: Frames, region: int | None) -> Frames:
    """The branches, territories and deals of one region; a customer may have moved to another."""
    here = pl.col("region") == region
    places = {"branches": whole.branches.filter(here), "territories": whole.territories.filter(here)}
    return Frames(**whole.__dict__ | places | {"deals": whole.deals.filter(here)})


def everyone(viewer: Viewer, on: date, by: Sequence[str]) -> pl.DataFrame:
    """Who has a row whatever they did: everybody posted on the day, every territory, branch or region."""
    if "territory" in by:
        return territories.listing(viewer)
    return people.managers(viewer, Period(on, on)) if "manager" in by else people.branches(viewer)


def named(viewer: Viewer, table: pl.DataFrame) -> pl.DataFrame:
    """Adds the names of whatever ids there are."""
    if "territory" in table.columns:
        names = territories.listing(viewer).select("territory", "territory_name")
        table = table.join(names, on="territory", how="left", maintain_order="left")
    return with_names(viewer, table)


def of_territories(viewer: Viewer, on: date, by: Sequence[str]) -> pl.DataFrame:
    """Penetration as a stock up to a day by region or branch, everyone included, without names."""
    return penetration(Penetration(viewer, on).cells().table, by, everyone(viewer, on, by))


def of_products(viewer: Viewer, on: date, branch: int | None = None) -> pl.DataFrame:
    """Product penetration as a stock up to a day, of all or of one branch, with the products' names."""
    return Penetration(viewer, on, part=Part(branch=branch)).products()
