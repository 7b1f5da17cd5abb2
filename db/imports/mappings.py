"""What the headings of a branch's own files mean: said once, remembered for the next file."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, delete, insert, select

from db.access import Viewer, scope, writing
from db.errors import Refused
from db.files.headings import heading
from db.imports.kinds import BY_NAME
from db.models import FileHeading

NO_SUCH_COLUMN = "There is no such column."
LONGEST_HEADING = 200


def remembered(viewer: Viewer, kind: str) -> dict[str, str]:
    """Heading (in its normal form) → column of the kind, "" for none, as said last where the viewer works."""
    scope(viewer, "import_data")

    def read() -> dict[str, str]:
        statement = select(FileHeading.heading, FileHeading.means).where(*here(viewer, kind))
        with viewer.store.reading() as connection:
            return {row.heading: row.means for row in connection.execute(statement)}

    return viewer.cached("file headings", kind, read=read)


def remember(viewer: Viewer, kind: str, mapping: Mapping[str, str]) -> None:
    """Keeps what these headings mean; what was said of others stays. Raises Refused for a column the kind has not."""
    scope(viewer, "import_data")
    said = {heading(written)[:LONGEST_HEADING]: means for written, means in mapping.items()}
    if set(said.values()) - {"", *(one.name for one in BY_NAME[kind].columns)}:
        raise Refused(NO_SUCH_COLUMN)
    with writing(viewer) as write:
        write.session.execute(delete(FileHeading).where(*here(viewer, kind), FileHeading.heading.in_(said)))
        place = {"region_id": viewer.region, "branch_id": viewer.branch, "kind": kind}
        rows = [place | {"heading": written, "means": means} for written, means in said.items()]
        if rows:
            write.session.execute(insert(FileHeading), rows)


def here(viewer: Viewer, kind: str) -> tuple[ColumnElement[bool], ...]:
    """Of a kind of file, where the viewer works."""
    place = FileHeading.region_id.is_not_distinct_from(viewer.region)
    return place, FileHeading.branch_id.is_not_distinct_from(viewer.branch), FileHeading.kind == kind
