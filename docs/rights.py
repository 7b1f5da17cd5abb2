"""Writes docs/rights.md from the table of rights: `make docs`."""

from pathlib import Path

from db.codes import ROLES, STANDING_IN
from db.rights import RIGHTS

PAGE = Path(__file__).parent / "rights.md"
REACH = {"own": "own", "branch": "branch", "region": "region", "all": "whole bank", None: "–"}
SHOWN = ROLES | STANDING_IN
HEAD = """# Who may do what, where

Made from `RIGHTS` in db/rights.py by `make docs`. What is not named is not allowed. *own*: what belongs to the manager alone.
Whoever holds the database (the command line) may do everything. A deputy is a manager on the pages of meetings, from the day to
the day that the branch head has named them for.

"""


def text() -> str:
    titles = ["action", *(f"{role.replace('_', ' ')} {zh}" for role, zh in SHOWN.items())]
    lines = [titles, ["---"] * len(titles)]
    for action, reaches in RIGHTS.items():
        lines.append([f"`{action}`", *(REACH[reaches.get(role)] for role in SHOWN)])
    return HEAD + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(text())
