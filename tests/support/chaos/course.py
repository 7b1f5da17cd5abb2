"""A course of faults while people are at work: when each began and ended, what may truly be said of it, and the laws
that hold afterwards."""

import random
import re
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape

from sqlalchemy import select

from db.audit.check import check
from db.engine import Store
from db.models import Activity
from db.store.connecting import BUSY_SECONDS
from db.store.faults import BUSY
from metrics.definitions import from_record
from tests.support.chaos.people import Notes, Told


@dataclass(frozen=True)
class Fault:
    """`sentences` are the beginnings of what may be told of it; none where nobody needs to notice."""

    name: str
    began: float
    ended: float
    sentences: tuple[str, ...]

    def explains(self, told: Told) -> bool:
        """Whether what was told is true: somebody waited while this went on, and it is what they were told, unless they
        were told nothing at all."""
        met = told.asked <= self.ended and told.answered >= self.began
        return met and any(not told.said or one in unescape(told.said) for one in self.sentences)


@dataclass
class Course:
    notes: Notes
    chosen: random.Random
    faults: list[Fault] = field(default_factory=list)

    @contextmanager
    def fault(self, name: str, *sentences: str) -> Iterator[None]:
        """Around what goes wrong."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.faults.append(Fault(name, began, time.monotonic(), sentences))

    def calm(self, longest: float) -> None:
        """Nothing happens for a while."""
        time.sleep(self.chosen.uniform(longest / 4, longest))

    # -- the laws

    def was_told_truly(self) -> None:
        """Whatever anybody was told instead of what they asked for is what was the matter at that moment."""
        told = [*self.notes.turned_down, *self.notes.not_shown]
        untrue = Counter(gist(one.said) for one in told if not (self.explained(one) or waited_in_vain(one)))
        assert not untrue, untrue

    def explained(self, told: Told) -> bool:
        return any(fault.explains(told) for fault in self.faults)

    def lost_nothing(self, store: Store) -> None:
        """Each entry that was acknowledged is stored once, under the number it was acknowledged with; none of the
        others is there twice; and the store is sound."""
        held: dict[str, list[int]] = {}
        with store.reading() as connection:
            for reference, identity in connection.execute(select(Activity.reference, Activity.id)):
                held.setdefault(reference, []).append(identity)
        wrong = {
            key: (numbers, held.get(key))
            for key, numbers in self.notes.acknowledged.items()
            if held.get(key) != [*numbers]
        }
        assert self.notes.acknowledged and not wrong, wrong
        assert not {key for key in self.notes.attempted if len(held.get(key, [])) > 1}
        assert_sound(store)

    def everybody_went_on(self) -> None:
        """Every phone was acknowledged something after the last fault, and pages were read."""
        last = self.faults[-1].ended
        assert all(max(moments) >= last for moments in self.notes.at.values())
        assert any(asked >= last for asked, _ in self.notes.read)

    # -- the figures

    def report(self) -> str:
        """What was measured: how long reading took, over all and while something was wrong, and how long it took after
        each kind of fault until an entry was stored, and until each phone had stored one."""
        notes = self.notes
        lines = [
            f"{len(notes.acknowledged)} entries acknowledged, {len(notes.turned_down)} times turned down,"
            f" {len(notes.not_shown)} pages not shown; reading: {spread([end - began for began, end in notes.read])}"
        ]
        for name in dict.fromkeys(one.name for one in self.faults):
            faults = [one for one in self.faults if one.name == name]
            while_so = [
                end - began
                for began, end in notes.read
                if any(began <= one.ended and end >= one.began for one in faults)
            ]
            first, each = [], []
            for one in faults:
                after = [min((at for at in moments if at > one.ended), default=None) for moments in notes.at.values()]
                waited = [at - one.ended for at in after if at is not None]
                first.append(min(waited, default=float("nan")))
                each.append(max(waited, default=float("nan")))
            told = sum(any(one.explains(said) for one in faults) for said in [*notes.turned_down, *notes.not_shown])
            lines.append(
                f"{name} ({len(faults)} times, {sum(one.ended - one.began for one in faults):.0f} s): told {told} times;"
                f" reading meanwhile {spread(while_so)}; usable after {max(first):.1f} s at worst,"
                f" by every phone after {max(each):.1f} s"
            )
        return "\n".join(lines)


def waited_in_vain(told: Told) -> bool:
    """Whether they were told that somebody else is writing when that had lasted as long as a write waits: on a slow
    machine the others who submit are enough for that."""
    return BUSY in unescape(told.said) and told.answered - told.asked >= BUSY_SECONDS


def gist(said: str) -> str:
    """Of a page, what it says is the matter."""
    alert = re.search(r'role="alert">(.*?)<', said)
    return unescape(alert[1]) if alert else said[:300]


def spread(seconds: list[float]) -> str:
    if len(seconds) < 2:
        return f"{len(seconds)} times"
    at = statistics.quantiles(seconds, n=100, method="inclusive")
    return f"{len(seconds)} times, p50 {at[49]:.2f} s, p95 {at[94]:.2f} s, longest {max(seconds):.2f} s"


def assert_sound(store: Store) -> None:
    found = {name: said for name, (_rows, said) in check(store, lambda one: from_record(*one)).items() if said}
    assert not found, found
