"""The schema: organisation, accounts, customers, the activity log, plans and promises, calendar, definitions, audit.

Money is integer cents (分). Days are business days of the bank, apart from `recorded_at`, which is the
moment of typing in UTC. The branch stands on the activity itself: attribution at the time, for ever.
"""

from datetime import date, datetime, time

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {dict: JSON(none_as_null=True)}


def key_to(table: str, *, index: bool = False) -> Mapped[int]:
    return mapped_column(ForeignKey(f"{table}.id"), index=index)


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


class Account(Base):
    """Who may sign in. The role says what he may do, the place how far: a manager is posted, the others have a branch,
    a region or, for the whole bank, nothing. Without a password nobody signs in by one."""

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
    """One browser that signed in; `token_hash` is of its cookie. It ends by itself at `lasts_until`: `idle_minutes` after
    somebody last did something, at `expires_at` in any case."""

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
    """A wrong password; kept for a day, to slow down whoever guesses. `device_hash` only of a device that is known."""

    __tablename__ = "failed_sign_in"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    login_hash: Mapped[str]
    address: Mapped[str]
    device_hash: Mapped[str | None]


class Draft(Base):
    """What somebody has typed into a form and not sent yet."""

    __tablename__ = "draft"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    form: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[dict]
    at: Mapped[datetime]


class Product(Base):
    __tablename__ = "product"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    family: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]


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


class Customer(Base):
    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = key_to("branch")
    manager_id: Mapped[int] = key_to("manager", index=True)
    name: Mapped[str]
    phone: Mapped[str | None] = mapped_column(index=True)
    kind: Mapped[str | None]
    territory_id: Mapped[int | None] = mapped_column(ForeignKey("territory.id"))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))  # the record that goes on for both
    __table_args__ = (Index("ix_customer_branch_name", "branch_id", "name"),)


last_four = func.substr(Customer.phone, func.length(Customer.phone) - 3)  # the last four digits, to be found by
Index("ix_customer_phone_tail", last_four)


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
    manager_id: Mapped[int] = key_to("manager")
    expected_amount_cents: Mapped[int | None] = mapped_column(BigInteger)
    next_step: Mapped[str | None]
    next_step_due: Mapped[date | None]
    lost_reason: Mapped[str | None]


class ImportBatch(Base):
    """One file that was taken in; the place is that of whoever brought it, none for the whole bank."""

    __tablename__ = "import_batch"
    id: Mapped[int] = mapped_column(primary_key=True)
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("manager.id"))
    kind: Mapped[str]
    file_name: Mapped[str]
    sha256: Mapped[str]
    rows: Mapped[int]
    accepted: Mapped[int]
    duplicates: Mapped[int]
    rejected: Mapped[int]
    at: Mapped[datetime]
    account: Mapped[str]
    undone_at: Mapped[datetime | None]


class Activity(Base):
    """One thing one manager did for one customer. `reference` is the idempotency key, freed when a batch is undone."""

    __tablename__ = "activity"
    __table_args__ = (
        Index("ix_activity_version", "version"),
        Index("ix_activity_manager_day", "manager_id", "day"),
        Index("ix_activity_opportunity", "opportunity_id"),
        Index("ix_activity_customer", "customer_id"),
        Index("ix_activity_batch", "batch_id"),
        CheckConstraint("amount_cents >= 0", name="amount_not_negative"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str | None] = mapped_column(unique=True)
    content: Mapped[str | None]  # digest of what came in under the reference, kept through corrections
    day: Mapped[date]
    time: Mapped[time | None]
    region_id: Mapped[int] = key_to("region")
    branch_id: Mapped[int] = key_to("branch")
    manager_id: Mapped[int] = key_to("manager")
    kind: Mapped[str]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    opportunity_id: Mapped[int | None] = mapped_column(ForeignKey("opportunity.id"))
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"))
    amount_cents: Mapped[int | None] = mapped_column(BigInteger)
    channel: Mapped[str | None]
    method: Mapped[str | None]
    effective: Mapped[bool]
    need_recorded: Mapped[bool | None]
    has_need: Mapped[bool | None]  # what was noted: a need, or a clear "no need"
    met_decider: Mapped[bool | None]
    note: Mapped[str | None]
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    voided_at: Mapped[datetime | None]
    version: Mapped[int]


class Plan(Base):
    """A month's target for one holder: a manager, a branch or a region. Amounts in cents, everything else a count. A
    manager's is meant for the days from `from_day` to `to_day`, on which he was to be there when it was set; null: for
    those he is there. Old and new targets are in the audit trail."""

    __tablename__ = "plan"
    id: Mapped[int] = mapped_column(primary_key=True)
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("manager.id"))
    month: Mapped[date]
    measure: Mapped[str]
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"))
    tier: Mapped[str] = mapped_column(default="target")
    target: Mapped[int] = mapped_column(BigInteger)
    from_day: Mapped[date | None]
    to_day: Mapped[date | None]
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN region_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN branch_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN manager_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_holder",
        ),
    )


Index(
    "ux_plan",
    Plan.month,
    Plan.measure,
    func.coalesce(Plan.region_id, 0),
    func.coalesce(Plan.branch_id, 0),
    func.coalesce(Plan.manager_id, 0),
    func.coalesce(Plan.product_id, 0),
    Plan.tier,
    unique=True,
)


class Promise(Base):
    """What a manager said in the morning meeting he would do that day."""

    __tablename__ = "promise"
    __table_args__ = (UniqueConstraint("manager_id", "day", "measure"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    manager_id: Mapped[int] = key_to("manager")
    branch_id: Mapped[int] = key_to("branch")
    day: Mapped[date]
    measure: Mapped[str]
    target: Mapped[int] = mapped_column(BigInteger)


class ClosedDay(Base):
    """A branch's day whose evening meeting is over: its rows are changed by the branch head alone."""

    __tablename__ = "closed_day"
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    closed_at: Mapped[datetime]
    closed_by: Mapped[str]


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


class Definitions(Base):
    """One version of the bank's definitions, in force from a day on; the body is read by metrics.definitions."""

    __tablename__ = "definitions"
    version: Mapped[int] = mapped_column(primary_key=True)
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    from_day: Mapped[date]
    body: Mapped[dict]
    set_at: Mapped[datetime]
    set_by: Mapped[str]


class Audit(Base):
    """Who changed what: append-only, each row sealed with the hash of the one before it."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_entity", "entity", "entity_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    account: Mapped[str]
    action: Mapped[str]
    entity: Mapped[str]
    entity_id: Mapped[int | None]
    before: Mapped[dict | None]
    after: Mapped[dict | None]
    previous_hash: Mapped[str]
    hash: Mapped[str]


class ChangeCounter(Base):
    """One row, locked from a write's start to its commit: the version last given out, the end of the audit trail, the
    identity of this database, and whether `demo` made it."""

    __tablename__ = "change_counter"
    id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[int]
    store_id: Mapped[str]
    audit_rows: Mapped[int] = mapped_column(default=0)
    audit_hash: Mapped[str] = mapped_column(default="")
    is_demo: Mapped[bool] = mapped_column(default=False)
