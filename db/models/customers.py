"""Products, customers, who looks after them, and their opportunities."""

import secrets
from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, func
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column

from db import identity
from db.models.base import Base, key_to


class Product(Base):
    __tablename__ = "product"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    family: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]


def new_token() -> str:
    return secrets.token_hex(8)


def normal_form(context: DefaultExecutionContext) -> str:
    return identity.key(context.get_current_parameters()["name"])


class Customer(Base):
    """Somebody the bank knows. Where they were forgotten (db.customers.forgetting), a number stands for the name, and the
    phone is empty if there was one: they go on to count."""

    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = key_to("branch")
    manager_id: Mapped[int] = key_to("manager", index=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(default=normal_form)  # what it is compared by
    phone: Mapped[str | None] = mapped_column(index=True)
    kind: Mapped[str | None]
    territory_id: Mapped[int | None] = mapped_column(ForeignKey("territory.id"), index=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))  # the record that goes on for both
    token: Mapped[str] = mapped_column(default=new_token, server_default="")  # the same in every backup; "" in old ones
    forgotten_at: Mapped[datetime | None]
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))  # the large import that brought them
    __table_args__ = (Index("ix_customer_branch_name", "branch_id", "name_key"),)


# Asked of every customer that is deleted, as a foreign key's other end is; few have one.
merged = Customer.merged_into_id.is_not(None)
Index("ix_customer_merged_into", Customer.merged_into_id, sqlite_where=merged, postgresql_where=merged)

last_four = func.substr(Customer.phone, func.length(Customer.phone) - 3)  # the last four digits, to be found by


Index("ix_customer_phone_tail", last_four)


class Holding(Base):
    """A product that a customer has held since before the log, from a first to a last day, both included; it lasts where
    that is null."""

    __tablename__ = "holding"
    __table_args__ = (UniqueConstraint("customer_id", "product_id", "since"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = key_to("customer", index=True)
    product_id: Mapped[int] = key_to("product")
    since: Mapped[date]
    until: Mapped[date | None]


class Handover(Base):
    """A customer passes from one manager to another on a day; `done_at` is null while that day is still to come."""

    __tablename__ = "handover"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = key_to("customer", index=True)
    from_manager_id: Mapped[int] = key_to("manager")
    to_manager_id: Mapped[int] = key_to("manager")
    day: Mapped[date]
    account: Mapped[str]
    done_at: Mapped[datetime | None]


class Opportunity(Base):
    """One customer's need for one product, which may not be known yet; `number` is the bank's own 商机号 where it has
    one, `lost_reason` why it came to nothing."""

    __tablename__ = "opportunity"
    __table_args__ = (UniqueConstraint("region_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    region_id: Mapped[int] = key_to("region")
    number: Mapped[str | None]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"))
    manager_id: Mapped[int] = key_to("manager", index=True)
    expected_amount_cents: Mapped[int | None] = mapped_column(BigInteger)
    next_step: Mapped[str | None]
    next_step_due: Mapped[date | None]
    lost_reason: Mapped[str | None]
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))  # the large import that brought it
