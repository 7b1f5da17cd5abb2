"""Processes that write until they are killed, each forked from one that has everything loaded already."""

import contextlib
import multiprocessing
import os
import sys
from multiprocessing.connection import Connection
from pathlib import Path

from dashboard.__main__ import main
from db.access import Viewer
from db.engine import Store
from db.log.entry import Entry
from db.recording import recording
from tests.support.processes.submitting import MONDAY

PREPARED = multiprocessing.get_context("forkserver")
PREPARED.set_forkserver_preload([__name__])
NAMED = 3  # every so manyth entry names a customer, and a need of theirs


def write(url: str, name: str, said: Connection) -> None:
    """Records one entry after another; says the key and the number of each that is acknowledged."""
    store = Store(url, patience=60)
    viewer, number = Viewer(store, "operator", "operator"), 0
    while True:
        number += 1
        named = {"customer_name": f"客户{name}", "need_recorded": True} if number % NAMED == 0 else {}
        entry = Entry("consultation", MONDAY, note=f"第{number}笔", **named)
        key = f"{name}/{number}"
        said.send((key, recording.record(viewer, 1 + number % 3, entry, key, MONDAY)))


def bring(url: str, path: Path, said: Connection) -> None:
    """Imports a file by the command line, and says when it is begun and when it is done."""
    sys.argv = ["dashboard", "import", "activities", str(path), "--create-missing", "--database", url]
    said.send("begun")
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.suppress(SystemExit):
        main()
    said.send("done")
