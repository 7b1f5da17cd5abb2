"""Every page declared once: its words, its place in the navigation, and who may open it."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LEADERS = ("branch_head", "deputy", "regional", "screen", "auditor")
WATCHERS = ("branch_head", "regional", "auditor")
OUTBOX = "/outbox"  # the one page that is no Streamlit page: it works without a network

GROUPS = {"day": "Daily work", "meetings": "Meetings", "people": "Plans and people", "data": "Data"}


@dataclass(frozen=True)
class Page:
    """One file in pages/. `title` is a message id, `group` one of GROUPS, `first_for` the roles it opens for when no
    page is named.

    `refreshes` says what may run the page again while nobody does anything: "changes", whatever anybody writes;
    "sign_out", the end of the session alone, for pages that are typed into; "nothing", where a field may hold what was
    typed and not sent yet. One that is not `listed` is reached by the links that lead to it, not by the navigation."""

    name: str
    title: str
    group: str
    roles: tuple[str, ...]
    first_for: tuple[str, ...] = ()
    refreshes: str = "sign_out"
    listed: bool = True

    @property
    def path(self) -> Path:
        return ROOT / "pages" / f"{self.name}.py"


PAGES = (
    Page("my_day", "My day", "day", ("manager",), first_for=("manager",), refreshes="nothing"),
    Page("our_meeting", "Our meeting", "day", ("manager",), refreshes="changes"),
    Page("pipeline", "Pipeline", "day", ("manager", *WATCHERS)),
    Page("dormant", "Dormant leads", "day", ("manager", *WATCHERS)),
    Page("customers", "Customers", "day", ("manager", *WATCHERS, "administrator")),
    Page("customer", "Customer", "day", ("manager", *WATCHERS, "administrator"), listed=False),
    Page("visiting_day", "Visiting day", "day", ("manager", *WATCHERS), refreshes="nothing"),
    Page("shelf", "Cases and knowledge", "day", ("manager", *WATCHERS)),
    Page("activity_log", "Activity log", "day", ("manager", "deputy", *WATCHERS)),
    Page(
        "morning_meeting",
        "Morning meeting",
        "meetings",
        LEADERS,
        first_for=("branch_head",),
        refreshes="changes",
    ),
    Page("evening_meeting", "Evening meeting", "meetings", LEADERS, refreshes="changes"),
    Page("weekly_meeting", "Weekly meeting", "meetings", LEADERS, refreshes="changes"),
    Page("agenda", "Agenda", "meetings", WATCHERS),
    Page("wall", "The wall", "meetings", LEADERS, first_for=("screen",), refreshes="changes"),
    Page("monthly_meeting", "Monthly meeting", "meetings", LEADERS, refreshes="changes"),
    Page("quarterly_meeting", "Quarterly meeting", "meetings", LEADERS, refreshes="changes"),
    Page(
        "branch_comparison",
        "Branches",
        "meetings",
        ("regional", "auditor"),
        first_for=("regional",),
        refreshes="changes",
    ),
    Page("manager_profile", "Manager profile", "people", ("manager", *WATCHERS), refreshes="changes"),
    Page("plans", "Plans", "people", WATCHERS),
    Page("territories", "Territories", "people", ("manager", *WATCHERS, "administrator")),
    Page("working_days", "Working days", "people", ("manager", *WATCHERS, "administrator")),
    Page("definitions", "Definitions", "people", ("manager", *WATCHERS, "administrator")),
    Page("accounts", "Accounts", "people", ("administrator",), first_for=("administrator",)),
    Page("data_import", "Import", "data", ("manager", "branch_head", "regional", "administrator")),
    Page("messages", "Messages", "data", ("branch_head", "deputy", "administrator", "auditor")),
    Page("retention", "What is kept", "data", ("administrator",)),
    Page("audit_trail", "Audit trail", "data", ("auditor", "administrator"), first_for=("auditor",)),
)
BY_NAME = {page.name: page for page in PAGES}


def allowed(roles: Collection[str]) -> dict[str, list[Page]]:
    """The pages of somebody who holds one role, or stands in for another besides, by group; groups without one are left
    out."""
    mine = [page for page in PAGES if {*roles} & {*page.roles}]
    grouped = {group: [page for page in mine if page.group == group] for group in GROUPS}
    return {group: pages for group, pages in grouped.items() if pages}


def first(role: str) -> Page:
    """Where a role begins when no page is named."""
    return next(page for page in PAGES if role in page.first_for)
