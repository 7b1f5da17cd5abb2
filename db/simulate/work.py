"""What the managers of a simulated region do: whom they meet each day, and what comes of it."""

import numpy as np

from db.codes import CHANNELS, CUSTOMER_KINDS, METHODS
from db.simulate.log import FIRST_MINUTE, LAST_MINUTE, WAN, Customer, Log, Opportunity, advance, record
from db.simulate.names import NOTES, between, customer_name, pick
from db.simulate.people import Desk

INEFFECTIVE, REPEATED, NOTED = 0.06, 0.04, 0.15  # of the consultations
NEW_CUSTOMER = 0.28
REMEMBERED = 60  # the customers a manager goes back to
FIRST_NEED_IS_LOAN, NEXT_NEED_IS_LOAN = 0.73, 0.43
APPLIED_TWICE = 0.05  # of the opportunities with an application: about 2 % of all
SOLD_DIRECTLY = 0.25  # cross-sell deals without an application, as a multiple of the application rate
CROSS_SELL_SHARE = 0.32  # of the consultations
USUAL_LOAN = float(np.log(28))  # of the amount in 万元
GIVEN_UP = 0.94  # of the opportunities that came to nothing; nobody says so of the others
# Working days from one step to the next: fewest and most.
LOAN_STEPS = {
    "acceptance": (0, 2),
    "investigation": (1, 4),
    "review": (1, 3),
    "committee": (0, 3),
    "approval": (0, 2),
    "contract": (1, 4),
}
STEPS_BEFORE_A_NO = (1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6)


def weighted(codes: dict[str, str], weights: tuple[int, ...]) -> list[str]:
    """Each code as often as it weighs, to draw from."""
    return [code for code, weight in zip(codes, weights, strict=True) for _ in range(weight)]


EVERY_CHANNEL = weighted(CHANNELS, (12, 6, 8, 6, 22, 6, 22, 18))
EVERY_METHOD = weighted(METHODS, (48, 22, 10, 3, 5, 12))
EVERY_KIND = weighted(CUSTOMER_KINDS, (58, 24, 6, 12))


def write_log(log: Log, desks: list[Desk]) -> None:
    for desk in desks:
        meet_customers(log, desk)
    for opportunity in log.opportunities:
        if opportunity.kind == "consultation" and log.rng.random() < GIVEN_UP:
            advance(log, opportunity, "withdrawn", between(log.rng, 3, 15))


def meet_customers(log: Log, desk: Desk) -> None:
    book: list[Customer] = []
    visits = log.rng.poisson(desk.consultations / (1 - INEFFECTIVE))
    for position, count in enumerate(visits.tolist()):
        met: set[int] = set()
        for minute in sorted(log.rng.integers(FIRST_MINUTE, LAST_MINUTE, count).tolist()):
            if desk.days[position] < log.today or minute <= log.now_minute:
                customer = next_customer(log, desk, book, met)
                met.add(customer.id)
                consult(log, desk, position, minute, customer)


def next_customer(log: Log, desk: Desk, book: list[Customer], met: set[int]) -> Customer:
    """Someone they know and have not met today, or someone new."""
    known = [customer for customer in book[-REMEMBERED:] if customer.id not in met]
    if known and log.rng.random() >= NEW_CUSTOMER:
        return pick(log.rng, known)
    kind = pick(log.rng, EVERY_KIND)
    customer = Customer(len(log.customers) + 1, desk, customer_name(log.rng, kind), kind)
    log.customers.append(customer)
    book.append(customer)
    return customer


def consult(log: Log, desk: Desk, position: int, minute: int, customer: Customer) -> None:
    """One visit, and what comes of it: nothing yet, an application, or a cross-sell product opened on the spot."""
    if log.rng.random() < INEFFECTIVE:
        record_consultation(log, desk, position, minute, customer, effective=False)
        return
    if customer.need is None:
        customer.need = new_need(log, customer)
    record_consultation(log, desk, position, minute, customer, effective=True)
    if log.rng.random() < REPEATED:
        again = min(minute + between(log.rng, 30, 180), LAST_MINUTE)
        if desk.days[position] < log.today or again <= log.now_minute:
            record_consultation(log, desk, position, again, customer, effective=True)
    need, chance, luck = customer.need, desk.application_rates[position], log.rng.random()
    if luck < chance:
        apply(log, need)
    elif not need.is_loan and luck < chance * (1 + SOLD_DIRECTLY):
        advance(log, need, "deal", between(log.rng, 0, 1) * between(log.rng, 1, 3))
    else:
        return
    customer.need = None


def new_need(log: Log, customer: Customer) -> Opportunity:
    is_loan = log.rng.random() < (NEXT_NEED_IS_LOAN if customer.is_known else FIRST_NEED_IS_LOAN)
    customer.is_known = True
    product = pick(log.rng, log.products["loan" if is_loan else "cross_sell"])
    amount = None
    if is_loan:
        amount = min(max(round(log.rng.lognormal(USUAL_LOAN, 0.75)), 5), 200) * WAN
    elif product in log.products["wealth"]:
        amount = between(log.rng, 1, 10) * WAN
    need = Opportunity(len(log.opportunities) + 1, customer.id, product, is_loan, amount, customer.desk)
    log.opportunities.append(need)
    return need


def apply(log: Log, need: Opportunity) -> None:
    """Runs the procedure as far as it has come by today: to the deal, or to the step where it was refused."""
    deal_rate = max(need.desk.person.deal_rate - SOLD_DIRECTLY * CROSS_SELL_SHARE, 0.02)
    succeeds = log.rng.random() < deal_rate
    steps = list(LOAN_STEPS.items()) if need.is_loan else []
    if not succeeds:
        steps = steps[: pick(log.rng, STEPS_BEFORE_A_NO)]
    end = "deal" if succeeds else "withdrawn" if len(steps) > 4 or log.rng.random() < 0.3 else "rejected"
    applications = 2 if log.rng.random() < APPLIED_TWICE else 1
    steps = [("application", (1, 6))] + [("application", (1, 2))] * (applications - 1) + steps + [(end, (1, 4))]
    for kind, (fewest, most) in steps:
        if not advance(log, need, kind, between(log.rng, fewest, most)):
            return


def record_consultation(
    log: Log, desk: Desk, position: int, minute: int, customer: Customer, *, effective: bool
) -> None:
    met_decider = effective or log.rng.random() < 0.4
    channel, method = pick(log.rng, EVERY_CHANNEL), pick(log.rng, EVERY_METHOD)
    need_recorded = effective or (not met_decider and log.rng.random() < 0.3)
    note = pick(log.rng, NOTES) if log.rng.random() < NOTED else None
    visit = (channel, method, met_decider, need_recorded, note)
    record(log, desk, position, minute, "consultation", customer.id, customer.need, visit=visit)
