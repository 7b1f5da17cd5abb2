"""What the documents promise exists: links, pictures, commands; and nothing points to a registry of our own
machines."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from dashboard.__main__ import cli
from docs import metrics, rights

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / name for name in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(
    (ROOT / "docs").rglob("*.md")
)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)[^)]*\)|(?:src|href)=\"([^\"]+)\"")
REGISTRIES = (
    "pypi" + ".org",
    "files.python" + "hosted",
    "npm" + "js",
    "crates" + ".io",
    "rubygems" + ".org",
    "proxy.golang" + ".org",
)
BINARY = {".png", ".jpg", ".gif", ".db", ".parquet", ".gz", ".xlsx"}


def identity(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS[:4], ids=identity)
def test_the_documents_are_there(document):
    assert document.stat().st_size > 200


@pytest.mark.parametrize("document", DOCUMENTS, ids=identity)
def test_every_relative_link_and_picture_leads_somewhere(document):
    targets = [one or other for one, other in LINK.findall(document.read_text())]
    local = [one.split("#")[0] for one in targets if not re.match(r"[a-z]+:|#", one)]
    assert [one for one in local if not (document.parent / one).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=identity)
def test_every_make_target_mentioned_exists(document):
    known = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    quoted = "\n".join(re.findall(r"`[^`\n]+`|^    .*$|```.*?```", document.read_text(), re.MULTILINE | re.DOTALL))
    assert set(re.findall(r"\bmake ([a-z]+)", quoted)) - known == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=identity)
def test_every_file_mentioned_exists(document):
    named = re.findall(r"`((?:pages|dashboard|metrics|db|tests|docs|benchmarks)/[\w./-]*[\w/])`", document.read_text())
    assert [one for one in named if not (ROOT / one).exists()] == []


def commands() -> set[str]:
    from typer.main import get_command

    root = get_command(cli)
    groups = {name: set(getattr(one, "commands", ())) for name, one in root.commands.items()}
    return set(groups) | {f"{name} {one}" for name, ones in groups.items() for one in ones}


@pytest.mark.parametrize("document", DOCUMENTS, ids=identity)
def test_every_command_mentioned_exists(document):
    mentioned = re.findall(r"python3? -m dashboard ((?:import|report|account) [a-z]+|[a-z]+)", document.read_text())
    assert set(mentioned) - commands() == set()


def test_the_help_of_make_lists_every_target():
    text = (ROOT / "Makefile").read_text()
    (phony,) = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert set(phony.split()) == set(re.findall(r"^([a-z]+):.*## ", text, re.MULTILINE))


@pytest.mark.parametrize(("page", "made"), [("metrics.md", metrics.text), ("rights.md", rights.text)])
def test_a_page_made_from_the_code_is_current(page, made):
    assert (ROOT / "docs" / page).read_text() == made()


def tracked() -> list[Path]:
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).is_file()]


def test_no_file_names_a_package_registry():
    texts = {path: path.read_text(errors="replace") for path in tracked() if path.suffix not in BINARY}
    assert [identity(path) for path, text in texts.items() if any(one in text for one in REGISTRIES)] == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned(name):
    lines = [line.split("#")[0].strip() for line in (ROOT / name).read_text().splitlines()]
    needed = [line for line in lines if line and not line.startswith("-r ")]
    assert needed and [line for line in needed if not re.match(r"[\w.-]+(\[\w+\])?==[\w.]+(;.*)?$", line)] == []
