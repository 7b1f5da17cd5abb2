"""The same declarations on PySpark: a bank that outgrows one machine changes the engine, not the metrics."""

import os
import shutil

import polars as pl
import pytest

from metrics import frames
from metrics.catalog import CATALOG
from metrics.definitions import Definitions, mark
from metrics.metric import Ratio, measure
from tests.support.metrics.random_bank import random_bank

pyspark = pytest.importorskip("pyspark", reason="pyspark is not installed: pip install pyspark")
if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
    pytest.skip("PySpark needs Java, and there is none here", allow_module_level=True)

SUMMED = [metric for metric in CATALOG if not isinstance(metric, Ratio) and metric.where is not None]
RATIOS = [metric for metric in CATALOG if isinstance(metric, Ratio) and metric.of in SUMMED and metric.to in SUMMED]
KEYS = ((), ("manager",), ("branch",), ("product",), ("day",), ("region", "branch", "manager"))


@pytest.fixture(scope="module")
def spark():
    from pyspark.sql import SparkSession

    settings = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2", "spark.driver.memory": "1g"}
    builder = SparkSession.builder.master("local[1]").appName("metrics")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="module")
def log() -> pl.DataFrame:
    """Five random banks as one log, no two sharing a customer, an opportunity or a manager."""
    rows = []
    for place, seed in enumerate((2, 5, 11, 17, 23)):
        shift = {"id": 10_000, "manager": 10, "branch": 10, "customer": 100, "opportunity": 100}
        for row in random_bank(seed).rows:
            moved = {name: None if row[name] is None else row[name] + by * place for name, by in shift.items()}
            rows.append(row | moved)
    return pl.DataFrame(rows, frames.LOG)


@pytest.fixture(scope="module")
def versions() -> list[Definitions]:
    return [Definitions(number, **one) for number, one in enumerate(random_bank(17).versions, 1)]


@pytest.fixture(scope="module")
def both(spark, log, versions):
    """The marked log on Spark and on Polars."""
    plain = log.with_columns(pl.col(pl.Enum).cast(pl.String))
    types = {pl.Int32: "int", pl.Int64: "bigint", pl.String: "string", pl.Date: "date", pl.Boolean: "boolean"}
    schema = ", ".join(f"{name} {types[kind]}" for name, kind in plain.schema.items())
    on_spark = mark(spark.createDataFrame(plain.rows(), schema), versions).cache()
    return on_spark, mark(log, versions)


def test_the_same_rows_count_on_spark_and_on_polars(both):
    on_spark, on_polars = both
    marks = {row["id"]: row["counted"] for row in on_spark.select("id", "counted").collect()}
    assert len(marks) > 100
    assert marks == dict(on_polars.select("id", "counted").rows())


@pytest.mark.parametrize("by", KEYS, ids=lambda by: " and ".join(by) or "all")
def test_every_metric_gives_the_same_number_on_spark_and_on_polars(both, by):
    on_spark, on_polars = both
    metrics = [*SUMMED, *RATIOS]
    assert len(metrics) >= 9
    theirs, ours = (measure(frame, metrics, by) for frame in (on_spark, on_polars))
    assert theirs.columns == ours.columns
    assert theirs.rows() == ours.rows()


def test_an_empty_log_is_nothing_on_spark_too(both):
    on_spark, on_polars = both
    nothing = on_spark.where("1 = 0")
    assert measure(nothing, SUMMED).rows() == measure(on_polars.clear(), SUMMED).rows()
    assert measure(nothing, SUMMED, ["manager"]).height == 0
