"""The definitions as everybody may read them: what is in force, what is to come, and who changed what from which
day."""

from datetime import date

import polars as pl
import streamlit as st
from markupsafe import Markup

from dashboard.definitions.words import author_label, lines, since_label, value_label
from dashboard.shell.language import _
from dashboard.standing import bank_rules
from dashboard.widgets import grids
from db import definitions
from db.access import Viewer
from db.people import people
from metrics.definitions import Definitions, body_of, changes, from_record, in_force, replaced
from metrics.settings import BY_NAME


def region(viewer: Viewer) -> int | None:
    """The region whose definitions are shown: the viewer's; who looks at several chooses one, or the whole bank
    (None)."""
    places = people.branches(viewer).select("region", "region_name").unique(maintain_order=True)
    if places.height <= 1 or viewer.region is not None:
        return bank_rules.region_of(viewer)
    names = {None: _("the whole bank"), **dict(places.iter_rows())}
    return st.selectbox(_("Region"), list(names), 0, names.get, key="definitions of", placeholder=_("Choose"))


def stored(viewer: Viewer, region: int | None) -> pl.DataFrame:
    """The versions that hold in the region, or without one all, the latest first (definitions.HISTORY)."""
    found = definitions.history(viewer)
    return found if region is None else found.filter(pl.col("region").is_null() | (pl.col("region") == region))


def present(found: pl.DataFrame, region: int | None, today: date) -> None:
    """Every setting in force today, in plain words."""
    versions = values(found)
    rules = in_force(versions, today, region)
    st.subheader(_("In force today: v{version}, {since}", version=rules.version, since=since_label(rules.from_day)))
    for one in sorted(versions, key=lambda one: one.from_day):
        if one.from_day > today and in_force(versions, one.from_day, region) == one:
            st.info(
                _("v{version} takes effect on {day}.", day=one.from_day, version=one.version), icon=":material/event:"
            )
    rows = [{"name": name, "value": value_label(name, value)} for name, value in body_of(rules).items()]
    columns = [
        grids.Column(_("Setting"), lambda row: _(BY_NAME[row["name"]].label), left=True),
        grids.Column(_("In force"), lambda row: grids.long(row["value"], _(BY_NAME[row["name"]].help)), left=True),
    ]
    grids.show(pl.DataFrame(rows), columns)


def history(found: pl.DataFrame, region: int | None, today: date) -> None:
    """The versions, the latest first: from which day, what changed, who set them and when."""
    versions = values(found)
    by_number = {one.version: one for one in versions}

    def changed(row: dict) -> str:
        one = by_number[row["version"]]
        before = replaced(versions, one)
        said = [_("the first version")] if before is None else lines(changes(before, one))
        return Markup("<br>").join(map(grids.long, said))

    columns = [
        grids.Column(_("Version"), lambda row: mark(by_number[row["version"]], versions, region, today), left=True),
        grids.Column(_("Effective"), lambda row: since_label(row["from_day"]), left=True),
        grids.Column(_("What changed"), changed, left=True),
        grids.Column(_("Set by"), lambda row: author_label(row["set_by"]), left=True),
        grids.Column(_("Set at"), lambda row: f"{row['set_at']:%Y-%m-%d %H:%M}", left=True),
        grids.Column(_("Where"), lambda row: row["region_name"] or _("the whole bank"), left=True),
    ]
    st.subheader(_("All versions"))
    grids.show(found, columns)


def mark(one: Definitions, versions: list[Definitions], region: int | None, today: date) -> str:
    """The version's number, and whether it holds today (there, or where it was set) or is to come."""
    holds = in_force(versions, today, one.region if region is None else region) == one
    said = _("in force today") if holds else _("upcoming") if one.from_day > today else ""
    return Markup("v{} {}").format(one.version, grids.small(said))


def values(found: pl.DataFrame) -> list[Definitions]:
    return [from_record(*row) for row in found.select("version", "region", "from_day", "body").iter_rows()]
