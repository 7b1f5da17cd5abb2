"""Regions, branches, managers and where they are posted; territories; the days the bank works and managers are on
leave."""

from datetime import date

from sqlalchemy import CheckConstraint, Double, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, key_to


class Region(Base):
    __tablename__ = "region"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class Branch(Base):
    __tablename__ = "branch"
    __table_args__ = (UniqueConstraint("region_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    region_id: Mapped[int] = key_to("region")
    name: Mapped[str]


class Manager(Base):
    __tablename__ = "manager"
    id: Mapped[int] = mapped_column(primary_key=True)
    staff_no: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    joined_on: Mapped[date | None]
    left_on: Mapped[date | None]


class Posting(Base):
    """Where a manager works, from a first to a last day, both included; open at either end when null."""

    __tablename__ = "posting"
    id: Mapped[int] = mapped_column(primary_key=True)
    manager_id: Mapped[int] = key_to("manager", index=True)
    branch_id: Mapped[int] = key_to("branch", index=True)
    from_day: Mapped[date | None]
    to_day: Mapped[date | None]


class Territory(Base):
    __tablename__ = "territory"
    __table_args__ = (UniqueConstraint("branch_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = key_to("branch")
    kind: Mapped[str | None]
    name: Mapped[str]


class TerritoryRegister(Base):
    """How many potential customers a territory holds, as counted on a day by a named source."""

    __tablename__ = "territory_register"
    __table_args__ = (UniqueConstraint("territory_id", "as_of"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = key_to("territory")
    as_of: Mapped[date]
    potential_customers: Mapped[int]
    source: Mapped[str]


class TerritoryOwner(Base):
    """Who looks after a territory, from a first to a last day, both included; open at either end when null. `share` is
    their part of its register, 0–1; owners without one divide equally what the others leave."""

    __tablename__ = "territory_owner"
    __table_args__ = (CheckConstraint("share > 0 AND share <= 1", name="share_of_one"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = key_to("territory", index=True)
    manager_id: Mapped[int] = key_to("manager", index=True)
    from_day: Mapped[date | None]
    to_day: Mapped[date | None]
    share: Mapped[float | None] = mapped_column(Double)


class Absence(Base):
    """A day a manager is on leave, or half of one: `part` is full, morning or afternoon."""

    __tablename__ = "absence"
    __table_args__ = (UniqueConstraint("manager_id", "day"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    manager_id: Mapped[int] = key_to("manager")
    day: Mapped[date]
    part: Mapped[str] = mapped_column(default="full")


class CalendarDay(Base):
    """The bank's own calendar: one row a day whose status is known, holidays and worked weekends (调休) included."""

    __tablename__ = "calendar_day"
    day: Mapped[date] = mapped_column(primary_key=True)
    is_workday: Mapped[bool]
    name: Mapped[str | None]
    source: Mapped[str]
