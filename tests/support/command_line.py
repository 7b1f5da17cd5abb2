"""Calling the command line in this process: arguments in, exit code and text out."""

import sys
from pathlib import Path
from unittest.mock import patch

import pytest

from dashboard.__main__ import main

ROOT = Path(__file__).parents[2]


def call(capsys, *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    with patch.object(sys, "argv", ["dashboard", *words]), pytest.raises(SystemExit) as stopped:
        main()
    said = capsys.readouterr()
    return stopped.value.code or 0, said.out, said.err
