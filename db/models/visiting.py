"""Visiting days: when a branch goes out together, and who goes with whom."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, key_to


class VisitingRule(Base):
    """Visiting days that repeat: every week on a weekday (0 is Monday), or every month on the `nth` such weekday, -1 for the
    last, from a day to a day. Each of its days is a row of its own."""

    __tablename__ = "visiting_rule"
    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = key_to("branch", index=True)
    weekday: Mapped[int]
    nth: Mapped[int | None]
    first: Mapped[date]
    last: Mapped[date]
    set_by: Mapped[str]
    set_at: Mapped[datetime]


class VisitingDay(Base):
    """A branch's day out. Led by a manager, or without one by the branch head; `target` are visits a group. `cancelled` is
    the reason where the branch does not go out after all."""

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
    rule_id: Mapped[int | None] = mapped_column(ForeignKey("visiting_rule.id"))
    cancelled: Mapped[str | None]


class VisitingPlace(Base):
    """Who goes in which group, and does what there (codes.VISIT_PARTS)."""

    __tablename__ = "visiting_place"
    visiting_day_id: Mapped[int] = mapped_column(ForeignKey("visiting_day.id"), primary_key=True)
    manager_id: Mapped[int] = mapped_column(ForeignKey("manager.id"), primary_key=True)
    group_number: Mapped[int]
    part: Mapped[str]
