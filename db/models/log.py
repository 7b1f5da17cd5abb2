"""The activity log, the files it came in, the audit trail and the counter of changes. The branch stands on the activity
itself: attribution at the time, for ever."""

from datetime import date, datetime, time

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, key_to


class ImportBatch(Base):
    """One file that was taken in; the place is that of whoever brought it, none for the whole bank. A large file comes in
    portions: until the last one gives it its `version`, nobody sees its rows (db.store.unaccepted). A large batch goes in
    portions too: nobody sees its rows from `undo_version` on, which it has until the last of them is withdrawn."""

    __tablename__ = "import_batch"
    id: Mapped[int] = mapped_column(primary_key=True)
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("manager.id"))
    kind: Mapped[str]
    file_name: Mapped[str]
    sha256: Mapped[str]
    rows: Mapped[int]
    accepted: Mapped[int]
    duplicates: Mapped[int]
    rejected: Mapped[int]
    at: Mapped[datetime]
    account: Mapped[str]
    undone_at: Mapped[datetime | None]
    version: Mapped[int | None]
    undo_version: Mapped[int | None]
    __table_args__ = (
        Index("ix_import_batch_version", "version"),
        Index("ix_import_batch_undo_version", "undo_version"),
    )


class KeptEntry(Base):
    """An entry that stays although its batch is being undone, as somebody has edited it; there until that is done."""

    __tablename__ = "kept_entry"
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), primary_key=True, autoincrement=False)
    batch_id: Mapped[int] = key_to("import_batch")


class FileHeading(Base):
    """What a heading of the files of a place means: a column of the kind of file, nothing for none."""

    __tablename__ = "file_heading"
    id: Mapped[int] = mapped_column(primary_key=True)
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    kind: Mapped[str]
    heading: Mapped[str]
    means: Mapped[str]


class Activity(Base):
    """One thing one manager did for one customer. `reference` is the idempotency key, freed when a batch is undone."""

    __tablename__ = "activity"
    __table_args__ = (
        Index("ix_activity_version", "version"),
        Index("ix_activity_manager_day", "manager_id", "day"),
        Index("ix_activity_branch_day", "branch_id", "day"),
        Index("ix_activity_day", "day"),
        Index("ix_activity_opportunity", "opportunity_id"),
        Index("ix_activity_customer", "customer_id"),
        Index("ix_activity_batch", "batch_id"),
        CheckConstraint("amount_cents >= 0", name="amount_not_negative"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str | None] = mapped_column(unique=True)
    content: Mapped[str | None]  # digest of what came in under the reference, kept through corrections
    day: Mapped[date]
    time: Mapped[time | None]
    region_id: Mapped[int] = key_to("region")
    branch_id: Mapped[int] = key_to("branch")
    manager_id: Mapped[int] = key_to("manager")
    kind: Mapped[str]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    opportunity_id: Mapped[int | None] = mapped_column(ForeignKey("opportunity.id"))
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"))
    amount_cents: Mapped[int | None] = mapped_column(BigInteger)
    channel: Mapped[str | None]
    method: Mapped[str | None]
    effective: Mapped[bool]
    need_recorded: Mapped[bool | None]
    has_need: Mapped[bool | None]  # what was noted: a need, or a clear "no need"
    met_decider: Mapped[bool | None]
    note: Mapped[str | None]
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    voided_at: Mapped[datetime | None]
    version: Mapped[int]


class Audit(Base):
    """Who changed what: append-only, each row sealed with the hash of the one before it."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_entity", "entity", "entity_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    account: Mapped[str]
    action: Mapped[str]
    entity: Mapped[str]
    entity_id: Mapped[int | None]
    before: Mapped[dict[str, object] | None]
    after: Mapped[dict[str, object] | None]
    previous_hash: Mapped[str]
    hash: Mapped[str]


class TrailKey(Base):
    """What the personal values of the trail are sealed with: a customer's own key, or an entry's that is of none
    (db.store.sealing). Without it nobody reads them again."""

    __tablename__ = "trail_key"
    subject: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary)


class History(Base):
    """The token of every write (db.store.history): which past a version belongs to."""

    __tablename__ = "history"
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    token: Mapped[str]


class PartVersion(Base):
    """The write that touched a part of the bank last (db.store.parts), and its token."""

    __tablename__ = "part_version"
    part: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    token: Mapped[str]


class ChangeCounter(Base):
    """One row, locked from a write's start to its commit: the version last given out, the end of the audit trail, the
    identity of this database, and whether `demo` made it."""

    __tablename__ = "change_counter"
    id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[int]
    store_id: Mapped[str]
    audit_rows: Mapped[int] = mapped_column(default=0)
    audit_hash: Mapped[str] = mapped_column(default="")
    is_demo: Mapped[bool] = mapped_column(default=False)
