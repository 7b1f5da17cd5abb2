"""Who was forgotten, kept beside the backups: numbers and tokens, never a name. A backup from before is put back without
them."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from sqlalchemy import Connection, inspect, select

from db.backup import kept_lines
from db.customers.forgetting import Record
from db.engine import now
from db.models import Customer

FILE = "chenxi-forgotten.jsonl"


def note(folder: Path, store: str, records: Iterable[Record]) -> None:
    """Adds those that the folder's file does not have. Raises StorageError where it cannot be written."""
    wanted = list(records)

    def missing(before: list[bytes]) -> list[kept_lines.Record]:
        there = set(of_store(before, store))
        stamp = {"store": store, "at": now().isoformat(timespec="seconds")}
        return [stamp | vars(one) for one in wanted if one not in there]

    if wanted:
        kept_lines.append(folder / FILE, missing)


def read(folders: Iterable[Path], store: str) -> set[Record]:
    """Everybody of this store who was forgotten, by the files of these folders."""
    return {one for folder in folders for one in of_store(kept_lines.lines(folder / FILE), store)}


def of_store(lines: Sequence[bytes], store: str) -> list[Record]:
    found = [kept_lines.parsed(line, {"store", "customer", "token"}) for line in lines]
    return [Record(one["customer"], one["token"]) for one in found if one and one["store"] == store]


def there(connection: Connection) -> set[Record]:
    """Everybody who is forgotten in a store that lies there."""
    if "forgotten_at" not in {one["name"] for one in inspect(connection).get_columns(Customer.__tablename__)}:
        return set()
    rows = connection.execute(select(Customer.id, Customer.token).where(Customer.forgotten_at.is_not(None)))
    return {Record(*row) for row in rows}
