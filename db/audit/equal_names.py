"""Names stored before they were compared in one normal form, and equal in it: to be merged or renamed by somebody."""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from db import identity
from db.models import Account, Branch, Manager, Region, Territory

NAMED = (  # what, within what, how it is called, in which form it is compared
    ("region", None, Region.name, identity.key),
    ("branch", Branch.region_id, Branch.name, identity.key),
    ("manager", None, Manager.staff_no, identity.number),
    ("territory", Territory.branch_id, Territory.name, identity.key),
    ("account", None, Account.login, identity.key),
)
NAMED_TABLES = (Region, Branch, Manager, Territory, Account)


def equal_names(connection: Connection) -> Iterator[dict[str, object]]:
    """The ids of two rows each time, the older one first: entity, first, second."""
    for entity, within, name, form in NAMED:
        columns = (name.class_.id, name) if within is None else (name.class_.id, within, name)
        seen: dict[tuple[object, ...], int] = {}
        for row, *place, text in connection.execute(select(*columns).order_by(name.class_.id)):
            key = (*place, form(text))
            if key in seen:
                yield {"entity": entity, "first": seen[key], "second": row}
            seen.setdefault(key, row)
