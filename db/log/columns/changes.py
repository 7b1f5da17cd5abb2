"""Which days of the log have changed where, since it was loaded: what an answer was made of may be the same although
somebody has written since."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl

from db.spans import Span

Scope = Mapping[str, int]  # access.scope, and a place within it
Place = tuple[str, int]  # a level and an id
Drawn = tuple[int, str]  # a version's number and its token
LEVELS = ("manager", "branch", "region")  # the narrowest first
WHOLE: Place = ("bank", 0)


def place_of(scope: Scope) -> Place:
    """The narrowest place that all rows of a scope lie in."""
    return next(((level, scope[level]) for level in LEVELS if level in scope), WHOLE)


@dataclass(frozen=True)
class Changes:
    """When each day of each place was changed last; `loaded` is one loading's own, as what came before is not known."""

    loaded: object = field(default_factory=object)
    days: Mapping[Place, Mapping[date, Drawn]] = field(default_factory=dict)

    def after(self, rows: Iterable[pl.DataFrame], drawn: Drawn) -> "Changes":
        """With rows that came or went at a version."""
        touched: dict[Place, set[date]] = {}
        for some in rows:
            for *ids, day in some.select(*LEVELS, "day").unique().iter_rows():
                for place in (*zip(LEVELS, ids, strict=True), WHOLE):
                    touched.setdefault(place, set()).add(day)
        changed = {place: {**self.days.get(place, {}), **dict.fromkeys(days, drawn)} for place, days in touched.items()}
        return Changes(self.loaded, {**self.days, **changed})

    def last(self, place: Place, span: Span) -> tuple[object, Drawn | None]:
        """The latest change of the place within the span; equal where none has come since."""
        days = self.days.get(place, {})
        length = (span.last - span.first).days + 1
        if length > len(days):
            found = [drawn for day, drawn in days.items() if span.first <= day <= span.last]
        else:
            found = [days[day] for one in range(length) if (day := span.first + timedelta(one)) in days]
        return self.loaded, max(found, default=None)
