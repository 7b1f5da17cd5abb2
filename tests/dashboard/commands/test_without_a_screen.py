"""The command line draws nothing: a command that does not serve loads neither Streamlit nor Plotly."""

import subprocess
import sys

import pytest

from tests.support.command_line import ROOT
from tests.support.sweep import sampled

ASKED = """
import sys
from unittest.mock import patch
from dashboard.__main__ import main
with patch.object(sys, "argv", ["dashboard", *{words!r}]):
    try:
        main()
    except SystemExit as stopped:
        assert not stopped.code, stopped.code
print("loaded:", sorted({{"streamlit", "plotly"}} & set(sys.modules)))
"""
NOVEMBER = ("--from", "2026-11-01", "--to", "2026-11-30")
ABSENCES = "staff_no,day\n100001,2026-11-23\n"


COMMANDS = [
    ("report", "summary", *NOVEMBER, "--json"),
    ("report", "summary", *NOVEMBER, "--by", "manager"),
    ("report", "summary", *NOVEMBER, "--xlsx", "{folder}/summary.xlsx", "--csv", "{folder}/summary.csv"),
    ("import", "absences", "{folder}/absences.csv", "--json"),
    ("check",),
    ("migrate",),
    ("account", "disable", "head-1"),
]


@pytest.mark.parametrize("words", sampled(COMMANDS, 3), ids=lambda words: " ".join(words[:2]))
def test_a_command_loads_neither_streamlit_nor_plotly(words, region_url, tmp_path):
    (tmp_path / "absences.csv").write_text(ABSENCES)
    filled = [word.format(folder=tmp_path) for word in words] + ["--database", region_url]
    done = subprocess.run(
        [sys.executable, "-c", ASKED.format(words=filled)], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "loaded: []"
