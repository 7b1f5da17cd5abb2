"""What the trail speaks of, declared once: each entity with its word and the table its number belongs to, each field that is
written to the trail with its word, each right that may be refused."""

from dataclasses import dataclass

from db.imports.kinds import KINDS
from db.log.fields import LOGGED
from db.models import (
    Account,
    Activity,
    Base,
    Branch,
    Customer,
    ImportBatch,
    Manager,
    Opportunity,
    Product,
    Region,
    SignIn,
    Territory,
)

REFUSED = "refuse"  # an action of the trail whose entity is the right that was wanting


@dataclass(frozen=True)
class Entity:
    """`name` as it is written to the trail; `label` is a message id. `model` is what its number is a number of: named for
    the reader instead; None where the number is its own name, or there is none."""

    name: str
    label: str
    model: type[Base] | None = None


ENTITIES = (
    Entity("account", "Account", Account),
    Entity("session", "Session", SignIn),
    Entity("sign_in", "Sign in", Account),
    Entity("password", "Password", SignIn),
    Entity("customer", "Customer", Customer),
    Entity("activity", "Entry", Activity),
    Entity("opportunity", "Opportunity", Opportunity),
    Entity("promise", "Promise", Manager),
    Entity("meeting", "Meeting", Branch),
    Entity("agenda", "Agenda", Branch),
    Entity("commitment", "Commitment"),
    Entity("visiting_day", "Visiting day", Branch),
    Entity("deputy", "Deputy", Manager),
    Entity("shelf_entry", "Shelf entry"),
    Entity("interview", "Performance interview", Manager),
    Entity("agreed_action", "Agreed action", Manager),
    Entity("plan", "Plan"),
    Entity("region", "Region", Region),
    Entity("branch", "Branch", Branch),
    Entity("manager", "Manager", Manager),
    Entity("absence", "Leave", Manager),
    Entity("territory_owner", "Territory owner", Territory),
    Entity("calendar_day", "Calendar"),
    Entity("definitions", "Definitions"),
    Entity("import_batch", "Import", ImportBatch),
    Entity("allowed_host", "Host for messages"),
    Entity("channel", "Group", Branch),
    Entity("message", "Message", Branch),
    Entity("summary", "Summary"),
    Entity("penetration", "Penetration"),
    Entity("minutes", "Meeting minutes"),
    Entity("minutes", "Minutes of a meeting"),
    Entity("activity_log", "Activity log"),
    Entity("audit_trail", "Audit trail"),
    Entity("database", "Database"),
    Entity("retention", "What is kept"),
    *(Entity(name, label) for kind in KINDS for name, label in kind.trail.items()),
)
BY_NAME = {one.name: one for one in ENTITIES}

REFERENCES: dict[str, type[Base]] = {  # fields that hold a number of one of these
    "region": Region,
    "customer": Customer,
    "customer_id": Customer,
    "manager": Manager,
    "manager_id": Manager,
    "region_id": Region,
    "branch": Branch,
    "branch_id": Branch,
    "product_id": Product,
    "opportunity_id": Opportunity,
    "territory_id": Territory,
}
HEADINGS = {one.column: one.label for one in LOGGED} | {  # what is written to the trail besides the columns of files
    "account": "Account",
    "action": "Action",
    "activities": "Entries",
    "at": "Time of day",
    "attempts": "Attempts",
    "address": "Address",
    "branch": "Branch",
    "branch_id": "Branch",
    "by": "Grouped by",
    "chair": "Chair",
    "code": "Answer",
    "customer": "Customer",
    "digest": "Content (SHA-256)",
    "disabled": "Disabled",
    "done_on": "Done on",
    "drafts": "Drafts: typed and not sent",
    "due": "Due",
    "failed_sign_ins": "Failed sign-ins",
    "file": "File",
    "grounds": "Reason",
    "folder": "Folder",
    "from": "First day",  # of what was taken away
    "from_day": "First day",
    "items": "Items",
    "host": "Host",
    "internal": "In the bank's own network",
    "is_on": "On",
    "kept": "Kept as they are",
    "logs": "Log files",
    "login": "Sign-in name",
    "lost_reason": "Reason",
    "manager": "Manager",
    "manager_id": "Manager",
    "measure": "Measure",
    "messages": "Messages to groups",
    "month": "Month",
    "must_change": "Must change the password",
    "name": "Name",
    "next_step": "Next step",
    "next_step_due": "Next step due",
    "notes": "Notes of visits",
    "on": "Day",
    "reaction": "Reaction",
    "reason": "Reason",
    "reference": "Reference",
    "region": "Region",
    "region_id": "Region",
    "role": "Role",
    "rows": "Rows",
    "secret": "Secret",
    "service": "Service",
    "sessions": "Sessions",
    "share": "Share",
    "staff_no": "Staff number",
    "status": "Status",
    "target": "Target",
    "territory_id": "Territory",
    "tier": "Tier",
    "to": "Last day",
    "to_day": "Last day",
    "version": "Version",
    "voided": "Withdrawn",
    "watched": "Number to move",
    "week": "Week",
}
