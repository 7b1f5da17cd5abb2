"""Where names lead. Every name on a page is made a link here and nowhere else: what a name leads to is changed in one
place."""

from datetime import date

from markupsafe import Markup

from dashboard.shell import session
from dashboard.shell.language import _

NAME = Markup('<a class="cx-name" href="{}" target="_self">{}</a>')
PHONE = Markup('<a class="cx-call" href="tel:{0}">{0}</a>')
WHY = Markup('<a class="cx-why" href="{}" target="_self" title="{}">{} ›</a>')
ROWS = Markup('<a class="cx-rows" href="{}" target="_self">{}</a>')
NOTHING = "—"
CUSTOMER, MANAGER, LOG = "customer", "manager_profile", "activity_log"  # pages
COUNTS = {  # measure → the kind of entry it is made of
    "consultations": "consultation",
    "applications": "application",
    "deals": "deal",
    "deal_amount": "deal",
}


def customer(identity: int | None, name: str | None) -> str:
    """To the customer's page; without an id, or for whoever may not open it, the name as it is."""
    return named(name or _("no customer"), CUSTOMER, identity, customer=identity)


def manager(identity: int | None, name: str | None, branch: int | None = None) -> str:
    """To the manager's profile, in the branch the row speaks of; to a manager a colleague's name is no link."""
    if not session.may_open(MANAGER) or session.viewer().manager not in (None, identity):
        return name or NOTHING
    return named(name or NOTHING, MANAGER, identity, **of_manager(identity, branch))


def of_manager(identity: int | None, branch: int | None = None) -> dict[str, object]:
    """What a link to the manager's profile says: as it stands on the day that is looked at."""
    place = {} if branch is None else {"branch": branch}
    return {"customer": None, "through": None, "manager": identity} | place


def why(text: str, about: str, identity: int, branch: int | None, through: date, measure: str) -> str:
    """A reason in short, `about` being the whole sentence: to the profile as it stood up to that day, by that measure
    against the plan; for whoever may not open it the reason as it is."""
    if not session.may_open(MANAGER):
        return Markup('<span class="cx-why" title="{}">{}</span>').format(about, text)
    asked = of_manager(identity, branch) | {"through": through, "measure": measure, "against": None}
    return WHY.format(session.href(MANAGER, **asked), about, text)


def rows(text: str, measure: str, first: date, last: date, **place: int | None) -> str:
    """A number, to the entries it counts: the log on these days, of that kind, there (branch, manager)."""
    href = to_rows(measure, first, last, **place)
    return text if href is None else ROWS.format(href, text)


def to_rows(measure: str, first: date, last: date, **place: int | None) -> str | None:
    """Where such a number leads; None for whoever may not open the log, and for what no entries count."""
    if not session.may_open(LOG) or measure not in COUNTS:
        return None
    where = dict.fromkeys(("customer", "branch", "manager", "way", "product")) | place
    return session.href(LOG, **where | {"since": first, "until": last, "kind": COUNTS[measure]})


def named(name: str, page: str, identity: int | None, **link: object) -> str:
    if identity is None or not session.may_open(page):
        return name
    return NAME.format(session.href(page, **link), name)


def phone(number: str | None) -> str:
    """To be called; one that is masked stays text."""
    if not number or "*" in number:
        return number or NOTHING
    return PHONE.format(number)
