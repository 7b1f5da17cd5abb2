"""Who may import whom: floors, the order of packages within a floor, libraries; and how much a folder may hold."""

import ast
import importlib
import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = ("pages", "dashboard", "metrics", "db")
# floor → the floors it may import, the libraries it must not, and for the pure floor the only ones it may.
MAY = {"pages": {"dashboard", "metrics", "db"}, "dashboard": {"metrics", "db"}, "metrics": set(), "db": set()}
MUST_NOT = {
    "pages": {"sqlalchemy", "plotly", "alembic", "os"},
    "dashboard": {"sqlalchemy", "alembic"},
    "metrics": {"streamlit", "sqlalchemy", "plotly", "os", "time", "pathlib", "io", "subprocess", "socket"},
    "db": {"streamlit", "plotly", "narwhals"},
}
ONLY = {"metrics": {"narwhals", "polars", "pandera", "numpy"}}
STANDARD_FOR_METRICS = {
    "collections",
    "dataclasses",
    "datetime",
    "itertools",
    "functools",
    "math",
    "statistics",
    "types",
    "typing",
    "enum",
}
# Within a floor a package imports only what stands to its left.
ORDER = {
    "dashboard": [
        "shell",
        "widgets",
        "workdays",
        "standing",
        "penetration",
        "diagnosis",
        "interviews",
        "comparison",
        "reverse_plan",
        "pipeline",
        "customers",
        "activity",
        "manager_profile",
        "documents",
        "visiting",
        "delivery",
        "shelf",
        "meetings",
        "summaries",
        "agenda",
        "plans",
        "definitions",
        "imports",
        "people",
        "audit",
        "monitoring",
        "retention",
        "web",
        "commands",
        "app",
        "__main__",
    ],
    "metrics": [
        "intervals",
        "statuses",
        "metric",
        "cases",
        "catalog",
        "settings",
        "definitions",
        "frames",
        "periods",
        "workdays",
        "penetration",
        "pipeline",
        "plans",
        "promises",
        "meetings",
        "reverse_plan",
        "diagnosis",
        "comparison",
        "interviews",
    ],
    "db": [
        "errors",
        "codes",
        "identity",
        "spans",
        "limits",
        "models",
        "store",
        "seed",
        "audit_chain",
        "engine",
        "rights",
        "access",
        "privacy",
        "jobs",
        "files",
        "calendar",
        "people",
        "accounts",
        "log",
        "definitions",
        "plans",
        "pipeline",
        "customers",
        "meetings",
        "interviews",
        "delivery",
        "recording",
        "imports",
        "audit",
        "retention",
        "simulate",
        "migrations",
        "backup",
    ],
}
STATE_LIVES_IN = ("dashboard/shell/session.py", "dashboard/widgets/")
ESCAPES_FOR_PLOTLY = "dashboard/widgets/charts.py"
TAG = re.compile(r"</?[a-z]")
STARTS_PROGRAMS = ("workbook.py", "postgres.py")  # which get the environment, and nothing is read from it
BUSINESS_ARITHMETIC = {"group_by", "agg"}
WITHOUT_A_SCREEN = {"streamlit", "plotly"}  # the command line imports neither, where it does not serve


def sources(floor: str) -> list[Path]:
    return sorted(path for path in (ROOT / floor).rglob("*.py") if "migrations/versions" not in str(path))


def where(path: Path) -> str:
    return str(path.relative_to(ROOT))


def modules_imported(path: Path) -> set[str]:
    """Full names: `from db.people import people` is db.people.people."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def imported(path: Path) -> set[str]:
    return {name.split(".")[0] for name in modules_imported(path)}


@pytest.mark.parametrize("floor", FLOORS)
def test_a_floor_imports_only_the_floors_below_it(floor):
    for path in sources(floor):
        others = (imported(path) & set(FLOORS)) - {floor}
        assert others <= MAY[floor], f"{where(path)} imports {others - MAY[floor]}"


@pytest.mark.parametrize("floor", ORDER)
def test_every_package_has_its_place_in_the_order(floor):
    for path in sources(floor):
        package = path.relative_to(ROOT / floor).parts[0].removesuffix(".py")
        assert package == "__init__" or package in ORDER[floor], (
            f"{where(path)}: “{package}” has no place. Add it to ORDER['{floor}'] in {where(Path(__file__))}, right of every "
            "package it imports and left of those that import it; docs/architecture.md says what each floor holds."
        )


@pytest.mark.parametrize("floor", ORDER)
def test_a_package_imports_only_what_stands_to_its_left(floor):
    places = {name: place for place, name in enumerate(ORDER[floor])}
    for path in sources(floor):
        own = path.relative_to(ROOT / floor).parts[0].removesuffix(".py")
        for name in modules_imported(path):
            parts = name.split(".")
            if parts[0] != floor or len(parts) < 2 or parts[1] not in places or own not in places:
                continue
            assert places[parts[1]] <= places[own], f"{where(path)} imports {name}, which stands to its right"


@pytest.mark.parametrize("floor", FLOORS)
def test_a_floor_leaves_the_libraries_of_others_alone(floor):
    for path in sources(floor):
        names = imported(path)
        assert not names & MUST_NOT[floor], f"{where(path)} imports {names & MUST_NOT[floor]}"
        if floor in ONLY:
            allowed = ONLY[floor] | STANDARD_FOR_METRICS | {floor}
            assert names <= allowed, f"{where(path)} imports {names - allowed}"


def test_metrics_have_no_clock_and_storage_no_environment():
    for path in sources("metrics"):
        text = path.read_text()
        assert "today()" not in text and ".now(" not in text, path
    for path in sources("db"):
        assert "os.environ" not in path.read_text() or path.name in STARTS_PROGRAMS, path


def attributes(path: Path) -> set[str]:
    return {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}


def test_pages_neither_aggregate_nor_keep_state():
    for path in sources("pages"):
        assert not attributes(path) & {"group_by", "agg", "session_state"}, path


def test_state_lives_in_the_session_and_in_widgets_alone():
    for path in sources("dashboard"):
        if not where(path).startswith(STATE_LIVES_IN):
            assert "session_state" not in attributes(path), where(path)


def test_no_page_ends_the_run_of_the_whole():
    """st.stop throws away a tap that comes meanwhile, and what stands around the page."""
    for path in [*sources("dashboard"), *sources("pages")]:
        assert "st.stop(" not in path.read_text(), f"{where(path)}: end_page of dashboard.shell.page_end"


def html_put_together_by_hand(path: Path) -> list[str]:
    """f-strings with a tag between their values; Plotly's own templates excepted."""
    joined = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.JoinedStr)]
    texts = ["".join(part.value for part in one.values if isinstance(part, ast.Constant)) for one in joined]
    return [text for text in texts if TAG.search(text)]


def test_html_is_written_where_it_escapes_by_itself():
    for path in [*sources("dashboard"), *sources("pages")]:
        found = html_put_together_by_hand(path)
        assert not found, f"{where(path)}: {found}. Write it as Markup('…').format(…), which escapes what goes in."
        escapes_by_hand = "html" in imported(path) and where(path) != ESCAPES_FOR_PLOTLY
        assert not escapes_by_hand, f"{where(path)} escapes by hand: Markup('…').format(…) does it by itself"


def test_no_page_can_be_run_without_the_entry_script():
    """Streamlit serves a folder `pages` beside the entry script on its own, without navigation or sign-in."""
    assert not (ROOT / "dashboard" / "pages").exists()
    assert not [path for path in ROOT.glob("*.py") if "streamlit" in path.read_text()]


def test_nothing_in_the_dashboard_is_named_like_a_library():
    """Streamlit puts the folder of its entry script on the path: a module or folder there hides a library of its
    name."""
    for path in (ROOT / "dashboard").iterdir():
        name = path.stem if path.suffix == ".py" else path.name
        if name.startswith(("__", ".")) or not (path.suffix == ".py" or (path / "__init__.py").exists()):
            continue
        assert importlib.util.find_spec(name) is None, where(path)


def folders(floor: str) -> list[Path]:
    return sorted({path.parent for path in sources(floor)})


@pytest.mark.parametrize(("floor", "most"), [("dashboard", 3), ("db", 14), ("metrics", 14)])
def test_few_modules_lie_directly_on_a_floor(floor, most):
    assert len(list((ROOT / floor).glob("*.py"))) <= most


@pytest.mark.parametrize("floor", ["dashboard", "db", "metrics"])
def test_a_folder_can_be_seen_at_a_glance(floor):
    for folder in folders(floor):
        assert len(list(folder.glob("*.py"))) <= 14, where(folder)


def test_a_file_holds_one_idea():
    for floor in (*FLOORS, "tests", "benchmarks", "docs"):
        for path in sources(floor):
            assert len(path.read_text().splitlines()) <= (60 if floor == "pages" else 300), where(path)


STARTS_BY_ITSELF = {"benchmarks.load.peer_app", "benchmarks.load.serve"}  # importing them serves


def test_what_is_started_by_hand_finds_what_it_imports():
    for path in [*sources("benchmarks"), *sources("docs")]:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if name not in STARTS_BY_ITSELF and path.stem != "__main__":
            importlib.import_module(name)
