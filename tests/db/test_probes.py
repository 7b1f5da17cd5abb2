"""Whatever storage is asked by whom, it gives and changes nothing that is not theirs: every function that takes a viewer
is asked here, or named with the reason why not."""

import ast
import shutil
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from db.customers import matching
from db.engine import Store
from db.imports import imports
from db.models import Activity, AllowedHost, Holding, ImportBatch, Opportunity, TerritoryOwner
from db.pipeline import open_needs, opportunities
from db.recording import moving
from metrics.definitions import interpret
from tests.conftest import FRIDAY
from tests.support.groups import group, message
from tests.support.probes import AS, OWN, answer, foreign, leaks, viewer
from tests.support.storage_not_asked import NOT_ASKED
from tests.support.storage_questions import ASKED, EVERYBODY, NUMBERED, READ, SHOP, YEAR, own
from tests.support.three_regions import BRANCH_OF, CUSTOMERS, NOBODY, REGION_OF, TEAM, Names, fill, never_shown

DB = Path(__file__).parents[2] / "db"
STEPS = {"write", "session", "connection"}  # what runs inside a write or read of another function, which is asked


def functions_of_viewers() -> set[str]:
    """The public functions of db whose first parameter is the viewer, apart from STEPS."""
    found = set()
    for path in DB.rglob("*.py"):
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            names = [one.arg for one in node.args.args]
            if (
                names[:1] == ["viewer"]
                and ast.unparse(node.args.args[0].annotation) == "Viewer"
                and not STEPS & {*names}
            ):
                found.add(".".join((*path.relative_to(DB).with_suffix("").parts, node.name)))
    return found


def test_every_function_that_takes_a_viewer_is_asked_or_named_with_a_reason():
    asked = {name for questions in ASKED.values() for name in questions} | set(READ)
    named = [name for names in NOT_ASKED.values() for name in names]
    there = functions_of_viewers()
    assert len(there) > 80
    forgotten = sorted(there - asked - set(named))
    assert not forgotten, f"ask it in ASKED or READ, or name it in NOT_ASKED with the reason: {forgotten}"
    gone = sorted((asked | set(named)) - there)
    assert not gone, f"there is no such function any more: {gone}"
    assert len(named) == len(set(named)) and not asked & set(named), "it is named twice"


@pytest.fixture(scope="module")
def written(sqlite_template, tmp_path_factory) -> tuple[str, Names]:
    """The bank of three regions with an opportunity and an import for each customer and manager, of the same ids."""
    path = tmp_path_factory.mktemp("three") / "regions.db"
    shutil.copy(sqlite_template, path)
    store = Store(f"sqlite:///{path}", mark=interpret)
    names = fill(store)
    with store.writing("test") as write:
        needs = [
            {
                "id": customer,
                "region_id": REGION_OF[BRANCH_OF[manager]],
                "customer_id": customer,
                "product_id": 1,
                "manager_id": manager,
                "next_step": names.of["note", manager],
                "next_step_due": FRIDAY,
            }
            for manager, ones in CUSTOMERS.items()
            for customer in ones
        ]
        write.session.execute(insert(Opportunity), needs)
        ended = update(Activity).where(Activity.kind == "deal")
        write.session.execute(ended.values(kind="application", version=write.version))  # so that the needs are open
        write.session.execute(update(Activity).values(opportunity_id=Activity.customer_id, batch_id=None))
        counts = dict.fromkeys(("rows", "accepted", "duplicates", "rejected"), 1)
        files = [
            {
                "id": manager,
                "region_id": REGION_OF[branch],
                "branch_id": branch,
                "manager_id": manager,
                "kind": "activities",
                "file_name": names.of["manager", manager],
                "sha256": "0" * 64,
                "version": 0,
                "at": write.now,
                "account": "test",
                **counts,
            }
            for manager, branch in BRANCH_OF.items()
        ]
        write.session.execute(insert(ImportBatch), files)
        owners = [{"id": one, "territory_id": one, "manager_id": team[0]} for one, team in TEAM.items()]
        write.session.execute(insert(TerritoryOwner), owners)
        held = [{"customer_id": one, "product_id": 1, "since": YEAR.first} for one in EVERYBODY]
        write.session.execute(insert(Holding), held)
        write.session.add(AllowedHost(host="qyapi.weixin.qq.com", internal=False, added_by="test", added_at=write.now))
        write.session.add_all([group(one, one, names.of["branch", one]) for one in TEAM])
        write.session.flush()
        says = {"kind": "evening", "day": FRIDAY}
        texts = {one: names.of["branch", one] for one in TEAM}
        write.session.add_all([message(one, one, "unconfirmed", write.now, text=texts[one], **says) for one in TEAM])
    store.close()
    return f"sqlite:///{path}", names


@pytest.fixture(scope="module")
def bank(written):
    store = Store(written[0], mark=interpret)
    yield store
    store.close()


@pytest.fixture
def names(written) -> Names:
    return written[1]


def asked_for(role: str, kind: str) -> list[int]:
    match kind:
        case "activity":
            return [one * 100 for one in foreign(role, "manager")]
        case "batch" | "interview" | "agreed action" | "commitment":
            return foreign(role, "manager")
        case (
            "meeting" | "shelf entry" | "deputy" | "visiting day"
        ):  # each manager's branch has one of the manager's number
            return [one for branch in foreign(role, "branch") for one in TEAM[branch]]
        case "opportunity":
            return foreign("branch_head" if role == "screen" else role, "customer")  # masked, but there on the wall
        case "territory" | "territory owner" | "channel" | "message":  # of the numbers of their branches
            return foreign(role, "branch")
        case "account":
            return list(range(7901, 7941, 3))
    return foreign(role, kind)


def unnumbered(found: object, one: int) -> object:
    """A refusal may name the id it was asked for."""
    if not isinstance(found, tuple):
        return found
    kind, message, values = found
    return kind, message, {name: value for name, value in values.items() if value != one}


QUESTIONS = [
    pytest.param(role, kind, asked, id=f"{role} {kind} {asked}")
    for role in OWN
    for kind, questions in ASKED.items()
    for asked in questions
    if (role, kind, asked) != ("manager", "branch", "people.people.managers")  # of his colleagues he sees the names
]


@pytest.mark.parametrize(("role", "kind", "asked"), QUESTIONS)
def test_no_function_tells_a_foreign_id_from_one_that_does_not_exist(bank, names, role, kind, asked):
    mine, ask = viewer(bank, role), ASKED[kind][asked]
    nothing = answer(partial(ask, mine, NOBODY))
    words = never_shown(names, AS[role])
    for one in asked_for(role, kind):
        found = answer(partial(ask, mine, one))
        assert unnumbered(found, one) == unnumbered(nothing, NOBODY), one
        assert not leaks(repr(found).encode(), words)


@pytest.mark.parametrize("role", OWN)
@pytest.mark.parametrize("asked", READ)
def test_nothing_foreign_is_in_what_is_read_without_an_id(bank, names, role, asked):
    mine, words = viewer(bank, role), never_shown(names, AS[role])
    if (role, asked) == (
        "screen",
        "log.entry_history.read",
    ):  # masked names of its own branch; no page of it shows them
        words -= {names.of["customer", one][0] for one in OWN["branch_head"]["customer"]}
    found = answer(partial(READ[asked], mine))
    assert not leaks(repr(found).encode(), words)
    if isinstance(found, tuple):
        assert found[0] == "NotAllowed"
        return
    for row in found[0] if isinstance(found[0], list) else []:
        for kind in ("region", "branch", "manager", "customer"):
            seen = set(OWN[role][kind]) | (set(TEAM[70011]) if role == "manager" and kind == "manager" else set())
            told = row.get(kind) is not None and not (kind == "customer" and asked in NUMBERED)
            assert not told or row[kind] in seen, row


def test_what_is_asked_is_there_for_whoever_it_belongs_to(bank, names):
    """The other tests fail on an answer; that there is one to give is shown by those who may have it."""
    head = viewer(bank, "branch_head")
    customer = own(head, "customer")
    assert opportunities.details(head, [customer]).height == opportunities.steps(head, [customer]).n_unique(
        "opportunity"
    )
    assert moving.current_opportunity(head, customer).manager_id == own(head, "manager")
    assert open_needs.of_manager(viewer(bank, "manager"), 700111)["opportunity"].to_list() == [7001112, 7001111]
    assert matching.similar(head, SHOP, 70011).height == 3
    assert set(imports.batches(head)["id"]) >= OWN["branch_head"]["manager"]
