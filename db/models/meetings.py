"""What meetings decide: the morning's promises, the day closed in the evening."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, key_to


class Promise(Base):
    """What a manager said in the morning meeting they would do that day; `confirmed_at` when they said so themselves."""

    __tablename__ = "promise"
    __table_args__ = (UniqueConstraint("manager_id", "day", "measure"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    manager_id: Mapped[int] = key_to("manager")
    branch_id: Mapped[int] = key_to("branch")
    day: Mapped[date]
    measure: Mapped[str]
    target: Mapped[int] = mapped_column(BigInteger)
    confirmed_at: Mapped[datetime | None]


class ClosedDay(Base):
    """A branch's day whose evening meeting is over: its rows are changed by the branch head alone."""

    __tablename__ = "closed_day"
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    closed_at: Mapped[datetime]
    closed_by: Mapped[str]


class WorkedDayOff(Base):
    """A day off by the bank's calendar on which a branch works: its head has said so."""

    __tablename__ = "worked_day_off"
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
