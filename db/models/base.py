"""What every table of the schema shares.

Money is integer cents (分). Days are business days of the bank, apart from `recorded_at`, which is the
moment of typing in UTC."""

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {dict[str, object]: JSON(none_as_null=True)}


def key_to(table: str, *, index: bool = False) -> Mapped[int]:
    return mapped_column(ForeignKey(f"{table}.id"), index=index)
