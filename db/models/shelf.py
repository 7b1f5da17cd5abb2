"""The shelf: what a region or a branch has written down to be learned from, and who has seen it."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, key_to


class ShelfEntry(Base):
    """One entry (codes.SHELF) of a branch, or without one of its region. `text` is what there is to know, of a case the
    situation; `done`, `outcome` and `lesson` are a case's. `step` (codes.FUNNEL_STEPS), `months` and the product say when
    it fits; `meeting_id` and `item` where it was extracted from."""

    __tablename__ = "shelf_entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    region_id: Mapped[int] = key_to("region", index=True)
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    kind: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    done: Mapped[str | None]
    outcome: Mapped[str | None]
    lesson: Mapped[str | None]
    trade: Mapped[str | None]
    customer_kind: Mapped[str | None]
    step: Mapped[str | None]
    months: Mapped[list[int]] = mapped_column(JSON)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"))
    day: Mapped[date]
    until: Mapped[date | None]
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id"))
    item: Mapped[str | None]
    written_by: Mapped[str]
    written_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class ShelfView(Base):
    """That an account has opened an entry, and when first."""

    __tablename__ = "shelf_view"
    entry_id: Mapped[int] = mapped_column(ForeignKey("shelf_entry.id"), primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("manager.id"))
    day: Mapped[date]
