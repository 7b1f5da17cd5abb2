"""The bank's definitions in force for a part of the bank and a period."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import polars as pl

from dashboard.shell.language import _
from dashboard.standing.part import Part
from dashboard.widgets import formats
from db import definitions as stored_definitions
from db.access import Viewer
from db.people import people
from metrics.definitions import Definitions, earlier, from_record, in_force
from metrics.periods import Period


def versions_label(rules: Definitions, earlier: Sequence[Definitions]) -> str:
    """The versions of a period: "v2", or "v2 from 10 Nov on, v1 before" where several held."""
    if not earlier:
        return f"v{rules.version}"
    day, before = formats.short_day(rules.from_day), ", ".join(f"v{one.version}" for one in earlier)
    return _("v{version} from {day} on, {before} before", version=rules.version, day=day, before=before)


def versions(viewer: Viewer) -> list[Definitions]:
    return [from_record(*one) for one in stored_definitions.read(viewer)]


def definitions(viewer: Viewer, on: date, part: Part = Part()) -> Definitions:
    """The version in force on a day where this part of the bank is."""
    return in_force(versions(viewer), on, region_of(viewer, part))


def by_region(
    viewer: Viewer, period: Period, part: Part, by: Sequence[str], on: date | None = None
) -> list[tuple[Part, Definitions]]:
    """The part with the definitions its rows are reckoned by, those in force on the period's last day or on another;
    region by region where these differ and each row lies in one, so that a row is the same for who sees one region and
    who sees all."""
    on = on or period.last
    whole = [(part, definitions(viewer, on, part))]
    if region_of(viewer, part) is not None or not {"region", "branch", "manager"} & set(by):
        return whole
    staff = people.managers(viewer, period).select("manager", "region").unique()
    if not {"region", "branch"} & set(by) and staff["manager"].is_duplicated().any():
        return whole
    regions = [replace(part, region=one) for one in people.branches(viewer)["region"].unique(maintain_order=True)]
    each = [(one, definitions(viewer, on, one)) for one in regions]
    settings = {replace(rules, version=0, region=None, from_day=date.min) for _one, rules in each}
    return each if len(settings) > 1 else whole


def earlier_versions(viewer: Viewer, period: Period, part: Part = Part()) -> tuple[Definitions, ...]:
    """The other versions that were in force there on some day of the period, the latest first."""
    return tuple(earlier(versions(viewer), period.first, period.last, region_of(viewer, part)))


def region_of(viewer: Viewer, part: Part = Part()) -> int | None:
    """The region all of this part lies in, whose definitions hold for it; None where it lies in several."""
    if viewer.region is not None or part.region is not None:
        return viewer.region or part.region
    places = people.branches(viewer)
    if part.branch is not None:
        places = places.filter(pl.col("branch") == part.branch)
    elif part.manager is not None:
        places = people.postings(viewer).filter(pl.col("manager") == part.manager)
    regions = places["region"].unique()
    return regions.item() if len(regions) == 1 else None
