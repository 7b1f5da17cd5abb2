"""Monthly plans."""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base


class Plan(Base):
    """A month's target for one holder: a manager, a branch or a region. Amounts in cents, everything else a count. A
    manager's is meant for the days from `from_day` to `to_day`, on which they were to be there when it was set; null:
    for those they are there. Old and new targets are in the audit trail."""

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
