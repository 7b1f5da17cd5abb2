"""Accounts, sessions, failed sign-ins and what was typed and not sent."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, key_to


class Account(Base):
    """Who may sign in. The role says what they may do, the place how far: a manager is posted, the others have a
    branch, a region or, for the whole bank, nothing. Without a password nobody signs in by one."""

    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("manager.id"))
    password_hash: Mapped[str | None]
    must_change: Mapped[bool]
    disabled_at: Mapped[datetime | None]


class SignIn(Base):
    """One browser that signed in; `token_hash` is of its cookie. It ends by itself at `lasts_until`: `idle_minutes`
    after somebody last did something, at `expires_at` in any case."""

    __tablename__ = "session"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int] = key_to("account", index=True)
    device_hash: Mapped[str] = mapped_column(index=True)
    address: Mapped[str]
    began_at: Mapped[datetime]
    idle_minutes: Mapped[int]
    lasts_until: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class FailedSignIn(Base):
    """A wrong password; kept to slow down whoever guesses (db.retention). `device_hash` only of a device that is known,
    `place_hash` where it was looked at by its place in line."""

    __tablename__ = "failed_sign_in"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    login_hash: Mapped[str]
    address: Mapped[str]
    device_hash: Mapped[str | None]
    place_hash: Mapped[str | None]


class Draft(Base):
    """What somebody has typed into a form and not sent yet."""

    __tablename__ = "draft"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    form: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[dict[str, object]]
    at: Mapped[datetime]
