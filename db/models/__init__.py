"""The whole schema; a test holds the migrations equal to it."""

from db.models.accounts import Account, Draft, FailedSignIn, SignIn
from db.models.base import Base
from db.models.customers import Customer, Handover, Holding, Opportunity, Product, last_four
from db.models.interviews import AgreedAction, Interview
from db.models.jobs import JobLease
from db.models.log import Activity, Audit, ChangeCounter, FileHeading, History, ImportBatch, PartVersion
from db.models.meetings import ClosedDay, Promise, WorkedDayOff
from db.models.organisation import (
    Absence,
    Branch,
    CalendarDay,
    Manager,
    Posting,
    Region,
    Territory,
    TerritoryOwner,
    TerritoryRegister,
)
from db.models.plans import Plan
from db.models.rules import Definitions

__all__ = [
    "Absence",
    "Account",
    "Activity",
    "AgreedAction",
    "Audit",
    "Base",
    "Branch",
    "CalendarDay",
    "ChangeCounter",
    "ClosedDay",
    "Customer",
    "Definitions",
    "Draft",
    "FailedSignIn",
    "FileHeading",
    "Handover",
    "History",
    "Holding",
    "ImportBatch",
    "Interview",
    "JobLease",
    "Manager",
    "Opportunity",
    "PartVersion",
    "Plan",
    "Posting",
    "Product",
    "Promise",
    "Region",
    "SignIn",
    "Territory",
    "TerritoryOwner",
    "TerritoryRegister",
    "WorkedDayOff",
    "last_four",
]
