"""The whole schema; a test holds the migrations equal to it."""

from db.models.accounts import Account, Draft, FailedSignIn, SignIn
from db.models.base import Base
from db.models.customers import Customer, Handover, Holding, Opportunity, Product, last_four
from db.models.delivery import AllowedHost, Channel, Message
from db.models.interviews import AgreedAction, Interview
from db.models.jobs import JobLease
from db.models.log import (
    Activity,
    Audit,
    ChangeCounter,
    FileHeading,
    History,
    ImportBatch,
    KeptEntry,
    PartVersion,
    TrailKey,
)
from db.models.meetings import (
    Agenda,
    Attendance,
    ClosedDay,
    Commitment,
    DayResult,
    Deputy,
    Meeting,
    MeetingItem,
    MeetingNote,
    OwnReason,
    Promise,
    WorkedDayOff,
)
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
from db.models.shelf import ShelfEntry, ShelfView
from db.models.visiting import VisitingDay, VisitingPlace, VisitingRule

__all__ = [
    "Absence",
    "Account",
    "Activity",
    "Agenda",
    "AgreedAction",
    "AllowedHost",
    "Attendance",
    "Audit",
    "Base",
    "Branch",
    "CalendarDay",
    "ChangeCounter",
    "Channel",
    "ClosedDay",
    "Commitment",
    "Customer",
    "DayResult",
    "Definitions",
    "Deputy",
    "Draft",
    "FailedSignIn",
    "FileHeading",
    "Handover",
    "History",
    "Holding",
    "ImportBatch",
    "Interview",
    "JobLease",
    "KeptEntry",
    "Manager",
    "Meeting",
    "MeetingItem",
    "MeetingNote",
    "Message",
    "Opportunity",
    "OwnReason",
    "PartVersion",
    "Plan",
    "Posting",
    "Product",
    "Promise",
    "Region",
    "ShelfEntry",
    "ShelfView",
    "SignIn",
    "Territory",
    "TerritoryOwner",
    "TerritoryRegister",
    "TrailKey",
    "VisitingDay",
    "VisitingPlace",
    "VisitingRule",
    "WorkedDayOff",
    "last_four",
]
