"""Visiting days: when a branch goes out together, who goes with whom, and who was there at a visit."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, key_to


class VisitingDay(Base):
    """A branch's day out. Led by a manager, or without one by the branch head; `target` are visits a group."""

    __tablename__ = "visiting_day"
    __table_args__ = (UniqueConstraint("branch_id", "day"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = key_to("branch")
    day: Mapped[date]
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("manager.id"))
    territory_id: Mapped[int | None] = mapped_column(ForeignKey("territory.id"))
    target: Mapped[int]
    planned_by: Mapped[str]
    planned_at: Mapped[datetime]


class VisitingPlace(Base):
    """Who goes in which group, and does what there (codes.VISIT_PARTS)."""

    __tablename__ = "visiting_place"
    visiting_day_id: Mapped[int] = mapped_column(ForeignKey("visiting_day.id"), primary_key=True)
    manager_id: Mapped[int] = mapped_column(ForeignKey("manager.id"), primary_key=True)
    group_number: Mapped[int]
    part: Mapped[str]


class VisitPartner(Base):
    """Who else was there at a visit, which stays the one entry of whoever recorded it."""

    __tablename__ = "visit_partner"
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    manager_id: Mapped[int] = mapped_column(ForeignKey("manager.id"), primary_key=True)
    part: Mapped[str]
