"""Which process is doing which work of the day."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base


class JobLease(Base):
    """One row a job (db.jobs): `holder` is the process that does it until `leased_until`, both null while nobody does;
    `begun_at` is when it was begun last."""

    __tablename__ = "job_lease"
    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str | None]
    leased_until: Mapped[datetime | None]
    begun_at: Mapped[datetime | None]
