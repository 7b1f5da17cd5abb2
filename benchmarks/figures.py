"""One measured row of the table, and how it was taken."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """`ours` and `peer` as they are printed; `held` is None where there is nothing to hold."""

    what: str
    ours: str
    peer: str = ""
    ratio: str = ""
    target: str = ""
    held: bool | None = None


def seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def side_by_side(acts: dict[str, Callable[[], object]], times: int) -> dict[str, float]:
    """Median seconds of each, taken in turn, so that a noisy moment hits all of them; the first round warms up."""
    taken = [{name: seconds(act) for name, act in acts.items()} for _ in range(times + 1)][1:]
    return {name: statistics.median(one[name] for one in taken) for name in acts}


def shown(duration: float) -> str:
    return f"{duration:.2f} s" if duration >= 1 else f"{duration * 1000:.1f} ms"


def against(what: str, ours: float, name: str, peer: float, hold: float | None = None) -> Figure:
    """A row that compares: the peer has to be `hold` times as slow at least, where something is to hold."""
    ratio = peer / ours
    target, held = ("", None) if hold is None else (f"≥ {hold:g}×", ratio >= hold)
    return Figure(what, shown(ours), f"{name}: {shown(peer)}", f"{ratio:.1f}×", target, held)


def within(what: str, ours: float, hold: float, ratio: str = "") -> Figure:
    """A row with a limit in seconds."""
    return Figure(what, shown(ours), ratio=ratio, target=f"≤ {shown(hold)}", held=ours <= hold)


def table(figures: list[Figure]) -> str:
    marks = {True: "held", False: "**not held**", None: ""}
    rows = [f"| {f.what} | {f.ours} | {f.peer} | {f.ratio} | {f.target} | {marks[f.held]} |" for f in figures]
    return "\n".join(
        ["| what | Chenxi | beside it | ratio | to hold | |", "| --- | --- | --- | --- | --- | --- |", *rows]
    )
