"""Who was contacted last, told from the mirror: its newest months answer first, and seldom more of them are asked."""

from collections.abc import Iterable, Iterator

import polars as pl

from db.engine import Store
from db.log import mirror

CONTACT = pl.Schema({"customer": pl.Int32, "last_day": pl.Date})


def latest(
    store: Store, of: Iterable[str], among: pl.Series | None = None, manager: int | None = None
) -> Iterator[pl.DataFrame]:
    """Customers by the last day that anything was done for them (CONTACT), whoever asks: a frame a month, the newest
    first, each customer once and the one met last on top. Only those `among` where they are known; of what one manager
    did where one is named. `of` are the parts of the bank that the entries lie in."""
    seen = pl.Series("customer", [], pl.Int32)
    for log in mirror.of(store).newest_first(("customer", "day", "id", "manager"), of):
        wanted = [] if manager is None else [pl.col("manager") == manager]
        wanted += [pl.col("customer").is_not_null() if among is None else pl.col("customer").is_in(among.implode())]
        met = log.filter(*wanted).group_by("customer").agg(last_day=pl.col("day").max(), entry=pl.col("id").max())
        order = ["last_day", "customer"] if manager is None else ["last_day", "entry", "customer"]
        found = met.filter(~pl.col("customer").is_in(seen.implode())).sort(order, descending=True).collect()
        seen = pl.concat([seen, found["customer"]])
        yield found.select(list(CONTACT))
