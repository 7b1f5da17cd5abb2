"""The machine that is measured on."""

import os
import platform
import sqlite3
from importlib.metadata import version
from pathlib import Path


def memory() -> dict[str, int]:
    """Bytes by name, as /proc/meminfo gives them."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return {line.split(":")[0]: int(line.split()[1]) << 10 for line in lines}


def machine(libraries: tuple[str, ...]) -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    processor = next((line.split(": ")[1] for line in lines if line.startswith("model name")), platform.machine())
    versions = ", ".join(f"{name} {version(name)}" for name in libraries)
    return (
        f"{os.cpu_count()} cores ({processor}), {memory()['MemTotal'] >> 30} GB, {platform.system()} {platform.release()}; "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {versions}."
    )


def load() -> str:
    """The load average of the last minute."""
    return f"{os.getloadavg()[0]:.1f}"
