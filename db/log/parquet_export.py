"""The marked log as Parquet for engines that outgrow one machine: a folder a month, names beside it, one moment of the
store.

    DIR/current -> v1234-9f2c41aa          the newest export; readers open this
    DIR/v1234-9f2c41aa/manifest.json       version, definitions, columns, rows and digest of each month
    DIR/v1234-9f2c41aa/activity/month=2026-11/part.parquet
    DIR/v1234-9f2c41aa/names/branch.parquet …

An export is there as a whole or not at all. A month that has not changed is the file it was (a hard link)."""

import hashlib
import json
import os
import re
import shutil
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from db.access import Viewer, scope
from db.errors import Refused
from db.log import mirror
from db.log.columns.partitions import ACTIVITY
from db.spans import Stretch

CURRENT, MANIFEST, UNFINISHED = "current", "manifest.json", ".new"
OURS = re.compile(rf"(v\d+-[0-9a-f]+|{CURRENT})(\.\d+\{UNFINISHED})?")
KEPT = 2  # exports: whoever reads the one before goes on
Months = dict[str, dict[str, object]]


@dataclass(frozen=True)
class Export:
    """Where it lies, of which version; its rows, and the months (2026-11) that were written anew."""

    folder: Path
    version: int
    rows: int
    written: list[str]


def export(viewer: Viewer, into: Path, names: Mapping[str, pl.DataFrame]) -> Export:
    """Writes what the viewer may take away of the log as it stands now, with tables of names. Raises NotAllowed without
    the right to export, Refused where `into` holds something else."""
    limits = scope(viewer, "export_data")
    before = newest(into)
    with viewer.store.moment() as version:
        place = into / f"v{version.counter}-{version.token[:8]}"
        if before is not None and before == place.resolve():
            return Export(place, version.counter, sum(int(str(one["rows"])) for one in months_of(place).values()), [])
        log = mirror.of(viewer.store)
        state = log.refresh()
        unfinished = place.with_name(f"{place.name}.{os.getpid()}{UNFINISHED}")
        months: Months = {}
        for first in sorted(state.months):
            span = Stretch(first, first.replace(day=monthrange(first.year, first.month)[1]))
            rows = log.read(span, limits, ACTIVITY).with_columns(pl.col(pl.Enum).cast(pl.String)).sort("id").collect()
            if rows.height:
                months[f"{first:%Y-%m}"] = write(rows, part(unfinished, f"{first:%Y-%m}"))
        definitions = state.definitions
    for name, table in names.items():
        (unfinished / "names").mkdir(parents=True, exist_ok=True)
        table.write_parquet(unfinished / "names" / f"{name}.parquet")
    written = [one for one in months if not linked(one, months, unfinished, before)]
    said = {
        "version": version.counter,
        "token": version.token,
        "definitions": [number for number, *_rest in definitions],
        "columns": {name: str(kind) for name, kind in rows_schema().items()},
        "months": months,
    }
    unfinished.mkdir(parents=True, exist_ok=True)
    (unfinished / MANIFEST).write_text(json.dumps(said, indent=1), "utf-8")
    publish(unfinished, place)
    return Export(place, version.counter, sum(int(str(one["rows"])) for one in months.values()), written)


def size(viewer: Viewer) -> int:
    """The rows that an export would write now. Raises NotAllowed without the right to export."""
    limits = scope(viewer, "export_data")
    with viewer.store.moment():
        log = mirror.of(viewer.store)
        state = log.refresh()
        if not state.months:
            return 0
        last = max(state.months)
        span = Stretch(min(state.months), last.replace(day=monthrange(last.year, last.month)[1]))
        return log.read(span, limits, ACTIVITY).select(pl.len()).collect().item()


def rows_schema() -> pl.Schema:
    return pl.Schema({name: pl.String if isinstance(kind, pl.Enum) else kind for name, kind in ACTIVITY.items()})


def part(folder: Path, month: str) -> Path:
    return folder / "activity" / f"month={month}" / "part.parquet"


def newest(into: Path) -> Path | None:
    """The export that is there, None before the first; what broke off is taken away. Raises Refused in a folder of
    something else."""
    there = [] if not into.exists() else [into] if not into.is_dir() else list(into.iterdir())
    if any(not OURS.fullmatch(one.name) for one in there):
        raise Refused(
            "“{folder}” holds something else: name an empty folder, or one of an earlier export.", folder=into
        )
    for one in there:
        if one.name.endswith(UNFINISHED):
            shutil.rmtree(one) if one.is_dir() and not one.is_symlink() else one.unlink()
    return (into / CURRENT).resolve() if (into / CURRENT / MANIFEST).exists() else None


def months_of(folder: Path) -> Months:
    return json.loads((folder / MANIFEST).read_text("utf-8"))["months"]


def write(rows: pl.DataFrame, path: Path) -> dict[str, object]:
    """The month's file, and what the manifest says of it."""
    path.parent.mkdir(parents=True)
    rows.write_parquet(path, compression="zstd")
    return {"rows": rows.height, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def linked(month: str, months: Months, folder: Path, before: Path | None) -> bool:
    """Whether the month is as it was; then its file is the one before."""
    if before is None or months_of(before).get(month) != months[month] or not part(before, month).exists():
        return False
    spare = part(folder, month).with_suffix(UNFINISHED)
    os.link(part(before, month), spare)
    spare.replace(part(folder, month))
    return True


def publish(unfinished: Path, place: Path) -> None:
    """Makes it the current one in one step, and takes away those that nobody reads any more."""
    if place.exists():
        shutil.rmtree(unfinished)
    else:
        unfinished.rename(place)
    link = place.with_name(f"{CURRENT}.{os.getpid()}{UNFINISHED}")
    link.symlink_to(place.name)
    link.replace(place.with_name(CURRENT))
    exports = sorted(place.parent.glob("v*"), key=lambda one: one.stat().st_mtime, reverse=True)
    for one in [one for one in exports if one != place][KEPT - 1 :]:
        shutil.rmtree(one, ignore_errors=True)
