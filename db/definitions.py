"""The bank's definitions as they are stored: one record a version."""

from db.access import Viewer, scope
from db.mirror import read_definitions


def read(viewer: Viewer) -> tuple[tuple, ...]:
    """All versions as (version, region, from_day, body), oldest first: metrics.definitions.from_record reads one."""
    scope(viewer, "read_definitions")
    with viewer.store.reading() as connection:
        return read_definitions(connection)
