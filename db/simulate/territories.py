"""Who looks after the territories of a simulated region, and what some customers held before its log. Chosen without a draw,
so that nothing else of the region depends on it."""

from datetime import date

from db.simulate.log import Log
from db.simulate.people import Desk, Row
from db.simulate.places import Place

GIVEN = 0.8  # of a territory with stated shares; the rest is nobody's
EVERY = 11  # customers, of whom one held something before


def owner_rows(desks: list[Desk], places: list[Place], first: date) -> list[Row]:
    """Every manager owns a part of a territory while they are at its branch: equal parts, but for the second territory of
    each branch, of which a part is nobody's. One who came later owns it from that day."""
    rows = []
    for branch in sorted({place.branch for place in places}):
        here = [place for place in places if place.branch == branch]
        for place, team in zip(here, dealt([desk for desk in desks if desk.branch == branch], len(here)), strict=True):
            share = round(GIVEN / len(team), 2) if place is here[1] and team else None
            for desk in team:
                begun = desk.from_day if desk.from_day > first else None
                days = {"from_day": begun, "to_day": desk.to_day}
                rows.append({"territory_id": place.id, "manager_id": desk.person.id, "share": share, **days})
    return rows


def dealt(desks: list[Desk], hands: int) -> list[list[Desk]]:
    return [desks[hand::hands] for hand in range(hands)]


def holding_rows(log: Log, products: dict[str, list[int]]) -> list[Row]:
    """An account or a card from some years ago; every fifth of them is over."""
    rows = []
    for nth, customer in enumerate(log.customers[::EVERY]):
        product = products["cross_sell"][nth % len(products["cross_sell"])]
        until = None if nth % 5 else log.today.replace(day=1)
        since = date(log.today.year - 1 - nth % 4, 1 + nth % 12, 1)
        rows.append({"customer_id": customer.id, "product_id": product, "since": since, "until": until})
    return rows
