"""Opening a store: none is begun without being asked for, and none is brought to a newer schema without a backup."""

from pathlib import Path

from sqlalchemy import make_url, select

from db.backup import anchors
from db.backup.anchors import Head, Notary
from db.backup.backup import Backup, take_into
from db.backup.content import SQLITE
from db.errors import Refused
from db.migrations import migrate
from db.models import Audit
from db.store.connecting import connect
from db.store.on_disk import path_of

NO_BANK = "There is no bank's data in {place}: the file is missing or empty. If that is a mistake, find it or restore a backup; to begin a new bank: python -m dashboard run --new"
THERE_IS_ONE = "There is a bank's data in {place} already: leave out --new."


def prepare(
    url: str,
    definitions: dict[str, object],
    new: bool,
    backups: Path | None,
    passphrase: str | None = None,
    notary: Notary | None = None,
) -> Backup | None:
    """Brings the database to the current schema, and gives the backup that was made of an older one before; none is made
    where `backups` says no folder. Raises Refused where there is nothing and no new bank was asked for, or where there
    is one and a new one was."""
    empty = migrate.is_empty(url)
    if empty != new:
        raise Refused(NO_BANK if empty else THERE_IS_ONE, place=place(url))
    made, head = None, None
    if not empty and backups is not None and migrate.is_outdated(url):
        made = take_into(url, backups, None, passphrase, notary)
        head = Head(made.facts.identity, made.facts.trail_rows, made.facts.trail_hash)
    migrate.migrate(url, definitions)
    if notary is not None and head is not None:
        anchor_sealed(url, head, notary)
    return made


def anchor_sealed(url: str, before: Head, notary: Notary) -> None:
    """Where bringing the trail to the new schema sealed what stands in it, the anchors say so."""
    engine = connect(url)
    try:
        with engine.connect() as connection:
            rows = select(Audit.hash).order_by(Audit.id)
            place = connection.execute(rows.offset(max(before.rows - 1, 0)).limit(1)).scalar() or ""
            if before.rows > 0 and place != before.hash:
                notary.anchor(anchors.RESEAL, anchors.head_of(connection), keeps=0, before=vars(before))
    finally:
        engine.dispose()


def place(url: str) -> str:
    """The database as a person would name it, without its password."""
    parsed = make_url(url)
    return str(path_of(parsed)) if parsed.get_backend_name() == SQLITE else parsed.render_as_string()
