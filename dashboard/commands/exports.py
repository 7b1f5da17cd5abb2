"""The log for other engines: taken away as Parquet, and the same metrics on Spark over it. PySpark and Java are an extra:
pip install pyspark."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import polars as pl
import typer

from dashboard.commands.cli import Database, Json, given_keys, group, store
from dashboard.shell.language import _
from dashboard.shell.store import operator
from dashboard.standing.summary_report import in_unit
from db.access import Viewer
from db.audit import trail
from db.errors import Refused
from db.log import parquet_export, product_list
from db.log.parquet_export import CURRENT, MANIFEST
from db.people import people
from metrics.catalog import FUNNEL
from metrics.metric import columns_of, measure

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession  # ty: ignore[import-not-found]

KEYS = ("region", "branch", "manager", "product", "channel", "method", "day")
commands = group("export", "The log for other engines.")
cluster = group("cluster", "The same metrics on Spark, for a bank whose log outgrows one machine.")


@commands.command()
def parquet(folder: Path, as_json: Json = False, database: Database = None) -> None:
    """Write the log as it counts, a Parquet file a month, with the names beside it; again, only what has changed."""
    viewer = operator(store(database))
    trail.exported(viewer, "activity_log", {"folder": str(folder)}, parquet_export.size(viewer))
    done = parquet_export.export(viewer, folder, names(viewer))
    if as_json:
        typer.echo(
            json.dumps(
                {"folder": str(done.folder), "version": done.version, "rows": done.rows, "written": done.written}
            )
        )
        return
    typer.echo(
        _(
            "Rows in {folder}: {rows}; months written: {months}",
            rows=done.rows,
            folder=done.folder,
            months=len(done.written),
        )
    )


def names(viewer: Viewer) -> dict[str, pl.DataFrame]:
    """The tables of names, by the column of the log that they belong to. No customers: the log has their numbers alone."""
    branches = people.branches(viewer)
    return {
        "region": branches.select("region", "region_name").unique(maintain_order=True),
        "branch": branches,
        "manager": people.names(viewer),
        "product": product_list.read(viewer),
    }


@cluster.command()
def summary(
    folder: Annotated[Path, typer.Argument(help="Where `export parquet` wrote to.")],
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"])],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"])],
    by: Annotated[list[str] | None, typer.Option(help=f"{', '.join(KEYS)}.")] = None,
    master: Annotated[str, typer.Option(help="Spark's master: local[2], spark://…, yarn.")] = "local[*]",
    as_json: Json = False,
) -> None:
    """Consultations, applications, deals and rates of a period, one row a combination of the keys (as numbers)."""
    keys = given_keys(by)
    if [key for key in keys if key not in KEYS] or len(set(keys)) < len(keys):
        raise typer.BadParameter(f"use keys of {', '.join(KEYS)}, each once", param_hint="--by")
    if not (folder / CURRENT / MANIFEST).exists():
        raise Refused("“{folder}” holds no export: python -m dashboard export parquet {folder}", folder=folder)
    spark = session(master)
    try:
        table = measure(activity(spark, folder, first, last), FUNNEL, keys)
    finally:
        spark.stop()
    rows = [in_words(row) for row in named(table, folder, keys).to_dicts()]
    if as_json:
        version = json.loads((folder / CURRENT / MANIFEST).read_text("utf-8"))["version"]
        typer.echo(json.dumps({"kind": "cluster", "version": version, "by": keys, "rows": rows}, ensure_ascii=False))
    else:
        typer.echo(pl.DataFrame(rows, infer_schema_length=None).write_csv(), nl=False)


def named(table: pl.DataFrame, folder: Path, by: list[str]) -> pl.DataFrame:
    """Names for the ids among the keys, `staff_no` before the manager's; sorted by them."""
    shown = []
    for key in by:
        path = folder / CURRENT / "names" / f"{key}.parquet"
        if not path.exists():
            shown.append(key)
            continue
        names = pl.read_parquet(path)
        wanted = {"manager": ["staff_no", "manager_name"], "product": ["product_zh"]}.get(key, [f"{key}_name"])
        table = table.join(names.select(key, *wanted), on=key, how="left").drop(key).rename({wanted[-1]: key})
        shown += [*wanted[:-1], key]
    rest = [name for name in table.columns if name not in shown]
    return table.select(*shown, *rest).sort(shown, nulls_last=True) if shown else table


def in_words(row: dict) -> dict:
    """Amounts in 元, days ISO, as `report summary` has them."""
    units = {name: one.unit for one in FUNNEL for name in columns_of(one)}
    said = {name: in_unit(value, units[name]) if name in units else value for name, value in row.items()}
    return said | ({"day": said["day"].isoformat()} if "day" in said else {})


def session(master: str) -> "SparkSession":
    """A session of a Spark application. Raises Refused where there is no PySpark."""
    try:
        from pyspark.sql import SparkSession  # ty: ignore[import-not-found]
    except ImportError:
        raise Refused("PySpark is not installed: pip install pyspark (it needs Java).") from None
    settings = {"spark.ui.enabled": "false", "spark.sql.session.timeZone": "Asia/Shanghai"}
    return SparkSession.builder.master(master).appName("chenxi").config(map=settings).getOrCreate()


def activity(spark: "SparkSession", folder: Path, first: datetime, last: datetime) -> "DataFrame":
    """The log of a period; months outside it are not opened."""
    months = f"month BETWEEN '{first:%Y-%m}' AND '{last:%Y-%m}'"
    days = f"day BETWEEN DATE'{first:%Y-%m-%d}' AND DATE'{last:%Y-%m-%d}'"
    stored = spark.read.option("recursiveFileLookup", "false").parquet(str(folder / CURRENT / "activity"))
    return stored.where(f"{months} AND {days}").drop("month")
