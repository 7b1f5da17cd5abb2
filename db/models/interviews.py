"""Performance interviews: what was found with somebody, what was agreed, and what they say to it."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, key_to


class Interview(Base):
    """An interview with a manager in the branch they worked in that day. `factor` and `proposed` are what the diagnosis
    proposed, `cause` and `reaction` what the head confirmed; `watched` is the number that is to move. The texts are
    private to the two; `view` is the manager's own."""

    __tablename__ = "interview"
    __table_args__ = (UniqueConstraint("manager_id", "day"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    manager_id: Mapped[int] = key_to("manager")
    branch_id: Mapped[int] = key_to("branch", index=True)
    day: Mapped[date]
    held_by: Mapped[str]
    factor: Mapped[str | None]
    proposed: Mapped[str | None]
    cause: Mapped[str]
    reaction: Mapped[str]
    watched: Mapped[str]
    activity: Mapped[str | None]
    products: Mapped[str | None]
    skill: Mapped[str | None]
    mind: Mapped[str | None]
    drive: Mapped[str | None]
    real_reason: Mapped[str]
    view: Mapped[str | None]
    viewed_at: Mapped[datetime | None]


class AgreedAction(Base):
    """What was agreed in an interview: who does it, by which day; when it was done, and who said so (sign-in name)."""

    __tablename__ = "agreed_action"
    id: Mapped[int] = mapped_column(primary_key=True)
    interview_id: Mapped[int] = key_to("interview", index=True)
    owner: Mapped[str]
    action: Mapped[str]
    due: Mapped[date]
    done_on: Mapped[date | None]
    done_by: Mapped[str | None]
