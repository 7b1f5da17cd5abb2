"""The columns of a file in the reader's language, and the problems of one with them."""

import polars as pl

from dashboard.shell.language import language
from db.files.columns import MISSING, Column
from db.imports.imports import Report
from db.imports.kinds import BY_NAME


def heading(one: Column) -> str:
    return one.zh[0] if language() == "zh" else one.name.replace("_", " ").capitalize()


def problems(report: Report) -> pl.DataFrame:
    """The report's problems; a column that is missing has no heading in the sheet, and gets the reader's."""
    words = {one.name: heading(one) for one in BY_NAME[report.kind].columns}
    missing = pl.col("problem") == MISSING
    return report.problems.with_columns(
        column=pl.when(missing).then(pl.col("column").replace(words)).otherwise("column")
    )
