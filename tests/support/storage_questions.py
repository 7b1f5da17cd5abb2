"""What storage can be asked by a viewer, with the id of something or without one."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from db import definitions
from db.access import Viewer
from db.accounts import accounts, drafts, sign_in
from db.audit import names as trail_names
from db.audit import trail
from db.customers import customers, filing, forgetting, handover, history, holding, matching, merging, stock
from db.delivery import channels, messages
from db.imports import imports, mappings, undo
from db.interviews import actions, interviewing
from db.interviews import sheets as interviews
from db.log import activity, entry_history, learning
from db.log.entry import Entry
from db.meetings import (
    agenda,
    closing,
    commitments,
    days_off,
    deputies,
    held,
    notes,
    promises,
    running,
    shelf,
    visiting,
)
from db.models import Opportunity
from db.people import leave, people, staffing, territories, territory_owners
from db.pipeline import open_needs, opportunities
from db.plans import plan_history, plans
from db.plans.plans import Target
from db.recording import bulk, moving, recording, visits
from metrics import periods
from tests.conftest import FRIDAY
from tests.support.probes import OWN
from tests.support.three_regions import CUSTOMERS, phone

EVERYBODY = [one for ones in CUSTOMERS.values() for one in ones]
MONTH = periods.month(FRIDAY)
YEAR = periods.Period(date(2026, 1, 1), date(2026, 12, 31))
TOMORROW = FRIDAY + timedelta(1)
MADE_UP = Entry("consultation", FRIDAY, customer_name="新客户")
REASON = "回访客户的投诉"
ANY_LIMIT = 1_000_000
SHOP = "某某商户"  # what every customer's name ends with

FOUND = interviewing.Sheet(
    "habit", "urge", "consultations_a_day", "没有计划", (interviewing.Action("the_manager", "每天三户", FRIDAY),)
)
ROBOT = channels.Robot("wecom", "新群", address="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=new")
PLACES = tuple(visiting.Place(one, 1, part) for one, part in ((700111, "main_talker"), (700112, "observer")))
PAIR = visiting.Arrangement(PLACES)
TO_KNOW = shelf.Content("news", "新闻", "利率下调", FRIDAY)
Asked = Callable[[Viewer, int], object]


def own(viewer: Viewer, kind: str) -> int:
    """The first of what is the viewer's own."""
    return min(OWN[viewer.role][kind] or {0})


def target(level: str) -> Asked:
    return lambda viewer, one: plans.set_targets(viewer, FRIDAY, [Target(level, one, "deals", 9, None)])


# What can be asked of an id, by the kind of the id: module and function in db, and what else is asked.
ASKED: dict[str, dict[str, Asked]] = {
    "branch": {
        "people.people.managers": lambda viewer, one: people.managers(viewer, MONTH, one),
        "people.people.branch_name": people.branch_name,
        "people.people.region_of": people.region_of,
        "people.staffing.hire": lambda viewer, one: staffing.hire(viewer, "S1", "某人", one, FRIDAY),
        "accounts.accounts.add": lambda viewer, one: accounts.add(viewer, "new", "某人", "screen", one, None),
        "meetings.closing.closed": lambda viewer, one: closing.closed(viewer, one, FRIDAY - timedelta(1)),
        "meetings.visiting.read": lambda viewer, one: visiting.read(viewer, one, YEAR),
        "recording.visits.made": lambda viewer, one: visits.made(viewer, one, FRIDAY),
        "meetings.visiting.plan": lambda viewer, one: visiting.plan(viewer, one, FRIDAY, PAIR, FRIDAY),
        "meetings.visiting.repeat": lambda viewer, one: visiting.repeat(
            viewer, one, visiting.Rule(4, FRIDAY, FRIDAY), PAIR, FRIDAY
        ),
        "meetings.visiting.whom": lambda viewer, one: visiting.whom(viewer, one),
        "meetings.deputies.read": lambda viewer, one: deputies.read(viewer, one, FRIDAY),
        "meetings.shelf.of_branch": lambda viewer, one: shelf.of_branch(viewer, one),
        "meetings.shelf.proposed": lambda viewer, one: shelf.proposed(viewer, one, "news", FRIDAY),
        "meetings.shelf.last_seen": lambda viewer, one: shelf.last_seen(viewer, one, TOMORROW),
        "meetings.shelf.put": lambda viewer, one: shelf.put(viewer, TO_KNOW, one),
        "meetings.agenda.read": lambda viewer, one: agenda.read(viewer, one, "morning", FRIDAY),
        "meetings.agenda.versions": lambda viewer, one: agenda.versions(viewer, own(viewer, "region"), one, "morning"),
        "meetings.agenda.change": lambda viewer, one: agenda.change(
            viewer, "morning", agenda.ITEMS["morning"][:1], FRIDAY, one, FRIDAY, 0
        ),
        "meetings.held.read": lambda viewer, one: held.read(viewer, one, "morning", FRIDAY - timedelta(1)),
        "meetings.held.current": lambda viewer, one: held.current(viewer, one, FRIDAY - timedelta(1)),
        "meetings.held.over": lambda viewer, one: held.over(viewer, one, YEAR),
        "meetings.running.start": lambda viewer, one: running.start(viewer, one, "weekly", FRIDAY, FRIDAY),
        "meetings.commitments.read": lambda viewer, one: commitments.read(viewer, one, FRIDAY),
        "meetings.days_off.works": lambda viewer, one: days_off.works(viewer, one, FRIDAY + timedelta(1)),
        "meetings.days_off.say_works": lambda viewer, one: days_off.say_works(viewer, one, FRIDAY + timedelta(1)),
        "meetings.closing.locked": lambda viewer, one: closing.locked(viewer, one, FRIDAY - timedelta(1)),
        "meetings.closing.close_day": lambda viewer, one: closing.close_day(viewer, one, FRIDAY, FRIDAY),
        "meetings.closing.reopen_day": lambda viewer, one: closing.reopen_day(viewer, one, FRIDAY - timedelta(1)),
        "plans.plan_history.changes": lambda viewer, one: plan_history.changes(viewer, MONTH, one),
        "plans.plan_history.holders": lambda viewer, one: plan_history.holders(viewer, MONTH, one),
        "plans.plans.set_targets": target("branch"),
        "log.entry_history.read": lambda viewer, one: entry_history.read(viewer, YEAR.first, YEAR.last, one),
        "delivery.channels.add": lambda viewer, one: channels.add(viewer, one, ROBOT),
        "delivery.messages.queue": lambda viewer, one: messages.queue(viewer, one, "evening", FRIDAY, "夕会纪要"),
        "customers.matching.similar": lambda viewer, one: matching.similar(viewer, SHOP, one),
    },
    "region": {
        "meetings.agenda.versions": lambda viewer, one: agenda.versions(viewer, one, None, "morning"),
        "accounts.accounts.add": lambda viewer, one: accounts.add(viewer, "new", "某人", "regional", one, None),
        "plans.plans.set_targets": target("region"),
    },
    "manager": {
        "meetings.deputies.name": lambda viewer, one: deputies.name(viewer, one, FRIDAY, FRIDAY, FRIDAY),
        "log.activity.rows": lambda viewer, one: activity.rows(viewer, FRIDAY, one),
        "log.activity.latest": lambda viewer, one: activity.latest(viewer, one),
        "log.entry_history.read": lambda viewer, one: entry_history.read(viewer, YEAR.first, YEAR.last, manager=one),
        "log.activity.late": lambda viewer, one: activity.late(viewer, YEAR, datetime(2026, 1, 1), [one]),
        "recording.recording.record": lambda viewer, one: recording.record(
            viewer, one, MADE_UP, f"{viewer.account} {one}", FRIDAY
        ),
        "recording.visits.record": lambda viewer, one: visits.record(
            viewer, one, MADE_UP, f"visit {viewer.account} {one}", FRIDAY
        ),
        "customers.customers.of_manager": lambda viewer, one: customers.of_manager(viewer, one),
        "customers.handover.hand_over": lambda viewer, one: handover.hand_over(
            viewer, [own(viewer, "customer")], one, TOMORROW, FRIDAY
        ),
        "pipeline.open_needs.of_manager": lambda viewer, one: open_needs.of_manager(viewer, one),
        "pipeline.open_needs.due": lambda viewer, one: open_needs.due(viewer, one, YEAR.last),
        "meetings.promises.set_promises": lambda viewer, one: promises.set_promises(
            viewer, FRIDAY, {one: {"deals": 9}}
        ),
        "meetings.promises.confirm": lambda viewer, one: promises.confirm(viewer, one, FRIDAY, {"deals": 9}, FRIDAY),
        "interviews.sheets.coded": lambda viewer, one: interviews.coded(viewer, one),
        "interviews.sheets.texts": lambda viewer, one: interviews.texts(viewer, one),
        "interviews.sheets.agreed": lambda viewer, one: interviews.agreed(viewer, one),
        "interviews.interviewing.hold": lambda viewer, one: interviewing.hold(viewer, one, FOUND, FRIDAY),
        "people.people.posted": lambda viewer, one: people.posted(viewer, "record_activity", one, FRIDAY),
        "people.leave.record": lambda viewer, one: leave.record(viewer, one, FRIDAY, FRIDAY),
        "people.leave.withdraw": lambda viewer, one: leave.withdraw(viewer, one, FRIDAY),
        "people.staffing.transfer": lambda viewer, one: staffing.transfer(viewer, one, 70011, FRIDAY),
        "people.staffing.leave": lambda viewer, one: staffing.leave(viewer, one, FRIDAY),
        "plans.plans.set_targets": target("manager"),
        "accounts.accounts.add": lambda viewer, one: accounts.add(viewer, "new", "某人", "manager", one, None),
    },
    "customer": {
        "customers.customers.one": lambda viewer, one: customers.one(viewer, one),
        "customers.history.read": lambda viewer, one: history.read(viewer, one),
        "customers.filing.read": lambda viewer, one: filing.read(viewer, one),
        "customers.filing.put": lambda viewer, one: filing.put(viewer, one, None, None),
        "customers.holding.of_customer": lambda viewer, one: holding.of_customer(viewer, one),
        "pipeline.opportunities.of_customer": lambda viewer, one: opportunities.of_customer(viewer, one),
        "customers.customers.unmask": lambda viewer, one: customers.unmask(viewer, one, REASON, ANY_LIMIT),
        "customers.handover.waiting": lambda viewer, one: handover.waiting(viewer, one),
        "customers.handover.hand_over": lambda viewer, one: handover.hand_over(
            viewer, [one], own(viewer, "manager"), TOMORROW, FRIDAY
        ),
        "customers.forgetting.forgotten_on": lambda viewer, one: forgetting.forgotten_on(viewer, one),
        "customers.forgetting.forget": lambda viewer, one: forgetting.forget(
            viewer, one, REASON, FRIDAY, 0, lambda *_told: None
        ),
        "customers.merging.merge": lambda viewer, one: merging.merge(viewer, own(viewer, "customer"), one),
    },
    "opportunity": {
        "pipeline.opportunities.steps": lambda viewer, one: opportunities.steps(viewer, [one]),
        "pipeline.opportunities.customers": lambda viewer, one: opportunities.customers(viewer, [one], 0),
        "recording.bulk.close": lambda viewer, one: bulk.close(viewer, [one], "rejected", REASON, 0, FRIDAY),
        "recording.bulk.plan_step": lambda viewer, one: bulk.plan_step(viewer, [one], "上门", TOMORROW, 0, FRIDAY),
        "pipeline.opportunities.details": lambda viewer, one: opportunities.details(viewer, [one]),
        "recording.moving.current_opportunity": lambda viewer, one: moving.current_opportunity(viewer, one),
        "recording.moving.move": lambda viewer, one: moving.move(viewer, one, "approval", 0, FRIDAY),
        "recording.moving.lose": lambda viewer, one: moving.lose(viewer, one, "rejected", REASON, 0, FRIDAY),
        "recording.moving.plan_step": lambda viewer, one: moving.plan_step(
            viewer, one, "上门", TOMORROW, FRIDAY, (None, None)
        ),
    },
    "activity": {
        "log.entry_history.of_entry": lambda viewer, one: entry_history.of_entry(viewer, one),
        "recording.recording.correct": lambda viewer, one: recording.correct(viewer, one, 1, FRIDAY, amount_cents=1),
        "recording.recording.void": lambda viewer, one: recording.void(viewer, one, 1),
        "recording.recording.restore": lambda viewer, one: recording.restore(viewer, one, 1),
    },
    "batch": {"imports.undo.undo_batch": lambda viewer, one: undo.undo_batch(viewer, one)},
    "interview": {"interviews.interviewing.answer": lambda viewer, one: interviewing.answer(viewer, one, "同意")},
    "visiting day": {
        "meetings.visiting.team": lambda viewer, one: visiting.team(viewer, one),
        "meetings.visiting.cancel": lambda viewer, one: visiting.cancel(viewer, one, REASON, FRIDAY),
    },
    "deputy": {"meetings.deputies.end": lambda viewer, one: deputies.end(viewer, one, FRIDAY)},
    "shelf entry": {
        "meetings.shelf.mark_seen": lambda viewer, one: shelf.mark_seen(viewer, one, FRIDAY),
        "meetings.shelf.withdraw": lambda viewer, one: shelf.withdraw(viewer, one),
        "meetings.shelf.put": lambda viewer, one: shelf.put(viewer, TO_KNOW, None, one),
    },
    "meeting": {
        "meetings.shelf.extract": lambda viewer, one: shelf.extract(viewer, one, "review", "记下的方法"),
        "meetings.held.attendance": lambda viewer, one: held.attendance(viewer, one, own(viewer, "branch")),
        "meetings.held.notes": lambda viewer, one: held.notes(viewer, one, own(viewer, "branch")),
        "meetings.running.attend": lambda viewer, one: running.attend(viewer, one, {}),
        "meetings.running.set_chair": lambda viewer, one: running.set_chair(viewer, one, "某人"),
        "meetings.running.go_to": lambda viewer, one: running.go_to(viewer, one, "focus", None),
        "meetings.running.end": lambda viewer, one: running.end(viewer, one),
        "meetings.running.resume": lambda viewer, one: running.resume(viewer, one),
        "meetings.held.reasons": lambda viewer, one: held.reasons(viewer, one, own(viewer, "branch")),
        "meetings.notes.write_reason": lambda viewer, one: notes.write_reason(viewer, one, "客户在外地", ""),
        "meetings.notes.write_note": lambda viewer, one: notes.write_note(viewer, one, "focus", "看看", ""),
        "meetings.commitments.agree": lambda viewer, one: commitments.agree(
            viewer, one, "focus", "看看", FRIDAY, None, FRIDAY
        ),
    },
    "commitment": {
        "meetings.commitments.finish": lambda viewer, one: commitments.finish(viewer, one, FRIDAY),
        "meetings.commitments.drop": lambda viewer, one: commitments.drop(viewer, one, REASON, FRIDAY),
    },
    "agreed action": {"interviews.actions.mark": lambda viewer, one: actions.mark(viewer, one, True, FRIDAY)},
    "channel": {
        "delivery.channels.change": lambda viewer, one: channels.change(viewer, one, ROBOT),
        "delivery.messages.try_out": lambda viewer, one: messages.try_out(viewer, one, FRIDAY, "测试消息"),
    },
    "message": {"delivery.messages.send_again": messages.send_again, "delivery.messages.strike": messages.strike},
    "territory": {
        "people.territory_owners.give": lambda viewer, one: territory_owners.give(
            viewer, one, own(viewer, "manager"), FRIDAY
        ),
    },
    "territory owner": {"people.territory_owners.end": lambda viewer, one: territory_owners.end(viewer, one, FRIDAY)},
    "account": {
        "accounts.accounts.change_role": lambda viewer, one: accounts.change_role(viewer, one, "auditor", None),
        "accounts.accounts.disable": lambda viewer, one: accounts.disable(viewer, one),
        "accounts.accounts.enable": lambda viewer, one: accounts.enable(viewer, one),
        "accounts.accounts.set_password": lambda viewer, one: accounts.set_password(viewer, one, "a new long password"),
    },
}
# What is read without an id.
READ: dict[str, Callable[[Viewer], object]] = {
    "people.people.branches": people.branches,
    "people.people.managers": lambda viewer: people.managers(viewer, YEAR),
    "people.people.names": people.names,
    "people.people.postings": people.postings,
    "people.people.last_places": lambda viewer: people.last_places(viewer, FRIDAY),
    "people.people.posting_days": lambda viewer: people.posting_days(viewer, YEAR),
    "people.people.absences": lambda viewer: people.absences(viewer, YEAR),
    "people.leave.read": lambda viewer: leave.read(viewer, YEAR),
    "people.territories.registers": territories.registers,
    "people.territories.listing": territories.listing,
    "people.territories.owners": territories.owners,
    "customers.stock.customers": stock.customers,
    "customers.stock.holdings": stock.holdings,
    "customers.stock.reduced": lambda viewer: stock.reduced(viewer, YEAR.last, lambda log: log.collect()),
    "interviews.sheets.coded": interviews.coded,
    "meetings.closing.results": lambda viewer: closing.results(viewer, YEAR),
    "interviews.sheets.to_read": interviews.to_read,
    "delivery.channels.listing": channels.listing,
    "delivery.messages.listing": messages.listing,
    "meetings.promises.confirmed": lambda viewer: sorted(promises.confirmed(viewer, FRIDAY)),
    "meetings.promises.read": lambda viewer: promises.read(viewer, FRIDAY),
    "meetings.promises.read_span": lambda viewer: promises.read_span(viewer, MONTH),
    "plans.plans.read": lambda viewer: plans.read(viewer, YEAR).vstack(plans.read(viewer, YEAR, as_of=YEAR.first)),
    "plans.plan_history.changes": lambda viewer: plan_history.changes(viewer, MONTH),
    "log.activity.read": lambda viewer: activity.read(viewer, YEAR).collect(),
    "log.activity.read_stated": lambda viewer: activity.read_stated(viewer, YEAR).collect(),
    "log.entry_history.read": lambda viewer: entry_history.read(viewer, YEAR.first, YEAR.last, limit=ANY_LIMIT),
    "log.learning.read": lambda viewer: learning.read(viewer, YEAR).collect(),
    "log.learning.keepers": learning.keepers,
    "meetings.shelf.read": shelf.read,
    "meetings.shelf.views": shelf.views,
    "pipeline.opportunities.read": opportunities.read,
    "customers.customers.read": customers.read,
    "customers.customers.search": lambda viewer: customers.search(viewer, "", limit=1_000),
    "customers.matching.owner_of_phone": lambda viewer: matching.owner_of_phone(
        viewer, phone(own(viewer, "customer")), own(viewer, "branch")
    ),
    "customers.merging.equal_names": merging.equal_names,
    "imports.imports.batches": imports.batches,
    "imports.mappings.remembered": lambda viewer: mappings.remembered(viewer, "activities"),
    "accounts.accounts.listing": accounts.listing,
    "accounts.sign_in.open_sessions": sign_in.open_sessions,
    "accounts.drafts.read": lambda viewer: drafts.read(viewer, "entry"),
    "audit.trail.entries": lambda viewer: trail.entries(viewer, trail.Wanted(date(2026, 1, 1), date(2099, 1, 1))),
    "audit.trail.latest_day": trail.latest_day,
    "audit.names.read": lambda viewer: trail_names.read(viewer, Opportunity, EVERYBODY, "zh"),
    "audit.names.customers": lambda viewer: trail_names.customers(viewer, EVERYBODY),
    "definitions.history": definitions.history,
}
NUMBERED = (
    "log.activity.read",
    "log.activity.read_stated",
    "log.learning.read",
    "customers.stock.customers",
    "customers.stock.holdings",
    "customers.stock.reduced",
)  # a customer is a number to count by
