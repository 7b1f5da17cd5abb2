"""The bank's definitions."""

from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base

DefinitionsRecord = tuple[int, int | None, date, dict[str, object]]  # version, region, first day, body


class Definitions(Base):
    """One version of the bank's definitions, in force from a day on; the body is read by metrics.definitions."""

    __tablename__ = "definitions"
    version: Mapped[int] = mapped_column(primary_key=True)
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    from_day: Mapped[date]
    body: Mapped[dict[str, object]]
    set_at: Mapped[datetime]
    set_by: Mapped[str]
