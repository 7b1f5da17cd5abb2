"""The shelf: news and policy, knowledge points, cases and extracted methods, written by a region for its branches or by a
branch for itself; what of it fits an item of a meeting; who has seen it. Customers are never named in it."""

import unicodedata
from datetime import date

import polars as pl
from sqlalchemy import ColumnElement, and_, or_, select, true

from db.access import Viewer, check, scope, within, writing, writing_note
from db.engine import Write
from db.errors import Refused
from db.meetings import running
from db.meetings.shelf_entry import TEXTS, Content, store, validate
from db.models import Branch, ShelfEntry, ShelfView
from db.store.parts import NOTHING, SHELF_OF_THE_BANK, shelf_of

TITLE_OF_A_METHOD = 24  # characters of what was said that become its title
NO_SUCH_ENTRY = "There is no such entry within your scope."
FEW = 3  # entries proposed at once
FITTING = {  # item of a meeting → the kinds it takes from the shelf
    "news": ("news",),
    "policy": ("policy",),
    "success": ("success_case",),
    "role_play": ("knowledge_point", "extracted_method"),
    "lesson": ("knowledge_point", "extracted_method"),
    "cases": ("success_case",),
    "risks": ("risk_case", "fraud_case", "complaint_case"),
}
NEWEST_FIRST = ("news", "policy")
ENTRY = {
    "entry": pl.Int32,
    "region": pl.Int32,
    "branch": pl.Int32,
    "kind": pl.String,
    "title": pl.String,
    "text": pl.String,
    "done": pl.String,
    "outcome": pl.String,
    "lesson": pl.String,
    "trade": pl.String,
    "customer_kind": pl.String,
    "step": pl.String,
    "months": pl.List(pl.Int64),
    "product": pl.Int32,
    "day": pl.Date,
    "until": pl.Date,
    "written_by": pl.String,
}
COLUMN = {"entry": "id", "region": "region_id", "branch": "branch_id", "product": "product_id"}
VIEW = {"entry": pl.Int32, "manager": pl.Int32, "branch": pl.Int32, "day": pl.Date}


def seen(viewer: Viewer) -> ColumnElement[bool]:
    """Which entries the viewer sees: those of their branch and of its region, or of all branches of their region."""
    there = scope(viewer, "read_shelf")
    if "branch" in there:
        own = or_(ShelfEntry.branch_id.is_(None), ShelfEntry.branch_id == there["branch"])
        return and_(ShelfEntry.region_id == viewer.region, own)
    return ShelfEntry.region_id == there["region"] if "region" in there else true()


def read(viewer: Viewer) -> pl.DataFrame:
    """Every entry within the viewer's scope that was not withdrawn, whether it holds today or not, the newest first
    (ENTRY)."""
    columns = [getattr(ShelfEntry, COLUMN.get(name, name)) for name in ENTRY]
    statement = select(*columns).where(seen(viewer), ShelfEntry.withdrawn_at.is_(None))
    part = SHELF_OF_THE_BANK if viewer.region is None else shelf_of(viewer.region)

    def stored() -> pl.DataFrame:
        with viewer.store.reading(part) as connection:
            rows = connection.execute(statement.order_by(ShelfEntry.day.desc(), ShelfEntry.id.desc()))
            return pl.DataFrame([tuple(row) for row in rows], ENTRY, orient="row")

    return viewer.cached("shelf", read=stored)


def holds(on: date) -> pl.Expr:
    """Which entries are valid on a day."""
    return (pl.col("day") <= on) & (pl.col("until").is_null() | (pl.col("until") >= on))


def search(table: pl.DataFrame, words: str) -> pl.DataFrame:
    """The entries that hold every one of these words somewhere, whatever their case and width."""
    whole = pl.concat_str([pl.col(name).fill_null("") for name in TEXTS], separator="\n")
    whole = whole.str.normalize("NFKC").str.to_lowercase()
    wanted = unicodedata.normalize("NFKC", words).lower().split()
    return table.filter(*(whole.str.contains(one, literal=True) for one in wanted))


def of_branch(viewer: Viewer, branch: int) -> pl.DataFrame:
    """What the branch finds on its shelf: its own entries and its region's. Empty outside the viewer's scope."""
    here = within(viewer, "read_shelf", region=Branch.region_id, branch=Branch.id)

    def region() -> int | None:
        with viewer.reading(log=False) as connection:
            return connection.scalar(select(Branch.region_id).where(Branch.id == branch, here))

    home = viewer.cached("region of", branch, read=region)
    own = pl.col("branch").is_null() | (pl.col("branch") == branch)
    return read(viewer).filter(pl.col("region") == (-1 if home is None else home), own)


def proposed(
    viewer: Viewer, branch: int, item: str, on: date, step: str | None = None, product: int | None = None
) -> pl.DataFrame:
    """What an item of the branch's meeting on a day takes from the shelf (ENTRY), few, the best first: what is valid and
    of the item's kinds. News and policy go by their day; the rest by whether they fit the branch's weak `step`
    (codes.FUNNEL_STEPS), the `product` and the season, then what the team has seen least lately; among equals another one
    comes first each day. The same is asked, the same is answered."""
    kinds = FITTING.get(item, ())
    found = of_branch(viewer, branch).filter(holds(on), pl.col("kind").is_in(kinds))
    if found.is_empty() or item in NEWEST_FIRST:
        return found.head(FEW)
    in_season = (pl.col("months").list.len() == 0) | pl.col("months").list.contains(on.month)
    found = found.filter(in_season)
    fit = 4 * pl.col("step").eq_missing(step).and_(pl.lit(step is not None)).cast(pl.Int32)
    fit += 2 * pl.col("product").eq_missing(product).and_(pl.lit(product is not None)).cast(pl.Int32)
    fit += (pl.col("months").list.len() > 0).cast(pl.Int32)
    found = found.join(last_seen(viewer, branch, on), on="entry", how="left").with_columns(fit=fit)
    turn = (pl.col("entry") + on.toordinal()) % max(found.height, 1)
    ranked = found.with_columns(turn=turn).sort(
        "fit", "seen", "turn", "entry", descending=[True, False, False, False], nulls_last=False
    )
    return ranked.select(list(ENTRY)).head(FEW)


def last_seen(viewer: Viewer, branch: int, on: date) -> pl.DataFrame:
    """When somebody of the branch last opened an entry, before a day: entry, seen."""
    here = within(viewer, "read_shelf", region=Branch.region_id, branch=ShelfView.branch_id)
    statement = select(ShelfView.entry_id, ShelfView.day).join(Branch, Branch.id == ShelfView.branch_id)
    statement = statement.where(ShelfView.branch_id == branch, ShelfView.day < on, here)
    with viewer.store.reading(*NOTHING) as connection:
        rows = [tuple(row) for row in connection.execute(statement)]
    views = pl.DataFrame(rows, {"entry": pl.Int32, "seen": pl.Date}, orient="row")
    return views.group_by("entry").agg(pl.col("seen").max())


def views(viewer: Viewer) -> pl.DataFrame:
    """Which manager has opened which entry, and when first (VIEW); a manager sees their own."""
    here = within(
        viewer, "read_shelf_views", region=Branch.region_id, branch=ShelfView.branch_id, manager=ShelfView.manager_id
    )
    columns = (ShelfView.entry_id, ShelfView.manager_id, ShelfView.branch_id, ShelfView.day)
    statement = select(*columns).join(Branch, Branch.id == ShelfView.branch_id)
    statement = statement.where(ShelfView.manager_id.is_not(None), here).order_by(ShelfView.entry_id, ShelfView.day)
    with viewer.store.reading(*NOTHING) as connection:  # seen a moment ago: to mark it draws no version
        return pl.DataFrame([tuple(row) for row in connection.execute(statement)], VIEW, orient="row")


def nobody() -> pl.DataFrame:
    """The same for who may not know (VIEW)."""
    return pl.DataFrame(schema=VIEW)


def mark_seen(viewer: Viewer, entry: int, today: date) -> None:
    """The viewer has opened an entry; opened again it changes nothing. Raises Refused for one they do not see."""
    scope(viewer, "read_shelf")
    with writing_note(viewer) as write:
        found = write.session.scalar(select(ShelfEntry.id).where(ShelfEntry.id == entry, seen(viewer)))
        if found is None:
            raise Refused(NO_SUCH_ENTRY)
        if write.session.get(ShelfView, (entry, write.account)) is None:
            row = ShelfView(entry_id=entry, account=write.account, day=today)
            row.branch_id, row.manager_id = viewer.branch, viewer.manager
            write.session.add(row)


def put(viewer: Viewer, content: Content, branch: int | None, entry: int | None = None) -> int:
    """Writes an entry of a branch, or without one of the viewer's region, or changes the `entry` named, and gives its id.
    The same written twice is stored once; the trail has no texts.

    Raises Refused for what `validate` refuses; NotAllowed outside the viewer's scope."""
    scope(viewer, "write_shelf")
    validate(content)
    with writing(viewer) as write:
        if entry is not None:
            row = found(viewer, write, entry)
        else:
            home = select(Branch.region_id).where(Branch.id == branch)
            region = viewer.region if branch is None else write.session.scalar(home)
            check(viewer, "write_shelf", region=region, branch=branch if region is not None else None, manager=None)
            assert region is not None, "whoever writes for a region has one"
            row = ShelfEntry(region_id=region, branch_id=branch)
        return store(write, row, content, "add" if entry is None else "change")


def withdraw(viewer: Viewer, entry: int) -> None:
    """Takes an entry off the shelf. Raises NotAllowed outside the viewer's scope."""
    with writing(viewer) as write:
        row = found(viewer, write, entry)
        if row.withdrawn_at is None:
            write.touch(shelf_of(row.region_id), SHELF_OF_THE_BANK)
            row.withdrawn_at = write.now
            write.session.flush()
            write.audit("void", "shelf_entry", row.id, {"kind": row.kind}, None)


def extract(
    viewer: Viewer,
    meeting: int,
    item: str,
    text: str,
    title: str = "",
    step: str | None = None,
    day: date | None = None,
) -> int:
    """A note of a meeting becomes an extracted method on its branch's shelf, and its id is given; the same note taken
    twice is one. Raises Refused for what `validate` refuses; NotAllowed outside the viewer's scope."""
    with writing(viewer) as write:
        held = running.found(viewer, write, meeting)
        name = title.strip() or text.strip().split("\n")[0][:TITLE_OF_A_METHOD]
        content = Content("extracted_method", name, text.strip(), day or held.day, step=step)
        validate(content)
        region = write.session.get_one(Branch, held.branch_id).region_id
        row = ShelfEntry(region_id=region, branch_id=held.branch_id, meeting_id=held.id, item=item)
        return store(write, row, content, "add")


def found(viewer: Viewer, write: Write, entry: int) -> ShelfEntry:
    row = write.session.get(ShelfEntry, entry)
    place = {"region": None, "branch": None} if row is None else {"region": row.region_id, "branch": row.branch_id}
    check(viewer, "write_shelf", **place, manager=None, missing=NO_SUCH_ENTRY)
    if row is None:
        raise Refused(NO_SUCH_ENTRY)
    return row
