"""Who may import whom, and what pages must not do."""

import ast
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
ONLY = {"metrics": {"narwhals", "polars", "pandera"}}
STANDARD_FOR_METRICS = {"collections", "dataclasses", "datetime", "itertools", "functools", "math", "typing", "enum"}


def sources(floor: str) -> list[Path]:
    return sorted((ROOT / floor).rglob("*.py"))


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module)
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("floor", FLOORS)
def test_a_floor_imports_only_the_floors_below_it(floor):
    for path in sources(floor):
        others = (imported(path) & set(FLOORS)) - {floor}
        assert others <= MAY[floor], f"{path.relative_to(ROOT)} imports {others - MAY[floor]}"


@pytest.mark.parametrize("floor", FLOORS)
def test_a_floor_leaves_the_libraries_of_others_alone(floor):
    for path in sources(floor):
        names = imported(path)
        assert not names & MUST_NOT[floor], f"{path.relative_to(ROOT)} imports {names & MUST_NOT[floor]}"
        if floor in ONLY:
            allowed = ONLY[floor] | STANDARD_FOR_METRICS | {floor}
            assert names <= allowed, f"{path.relative_to(ROOT)} imports {names - allowed}"


def test_metrics_have_no_clock_and_storage_no_environment():
    for path in sources("metrics"):
        text = path.read_text()
        assert "today()" not in text and ".now(" not in text, path
    for path in sources("db"):
        assert "os.environ" not in path.read_text() or path.name == "workbook.py", path


def test_pages_neither_aggregate_nor_keep_state():
    for path in sources("pages"):
        called = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
        assert not called & {"group_by", "agg", "session_state"}, path


def test_no_page_can_be_run_without_the_entry_script():
    """Streamlit serves a folder `pages` beside the entry script on its own, without navigation or sign-in."""
    assert not (ROOT / "dashboard" / "pages").exists()
    assert not [path for path in ROOT.glob("*.py") if "streamlit" in path.read_text()]


def test_no_module_of_the_dashboard_is_named_like_a_library():
    import importlib.util

    for path in (ROOT / "dashboard").glob("*.py"):
        if not path.name.startswith("__"):
            assert importlib.util.find_spec(path.stem) is None, path.name
