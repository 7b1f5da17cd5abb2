"""Which column a heading stands for: by its name, by what somebody says it is, and in which unit its numbers are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz

from db import identity
from db.files.columns import Column
from db.files.files import Sheet

COUNTS = dict.fromkeys(("户", "家", "笔", "个", "人", "次", "件"), 1) | {"千户": 1_000, "万户": 10_000, "万笔": 10_000}
AMOUNTS = {"元": 1, "千元": 1_000, "万元": 10_000, "百万元": 1_000_000, "千万元": 10_000_000, "亿元": 100_000_000}
AMOUNTS |= {"人民币元": 1, "人民币": 1, "rmb": 1, "cny": 1, "yuan": 1, "千": 1_000, "万": 10_000, "亿": 100_000_000}
UNITS = COUNTS | AMOUNTS
ONE_OF = "|".join(sorted(UNITS, key=len, reverse=True))
BEHIND = re.compile(rf"^(.+?)(?:[(\[【/:,-]+(?:单位[::]?)?)?({ONE_OF})[)\]】]*$")
ABOVE = re.compile(rf"(?:单位[::]?|[(\[【])({'|'.join(sorted(AMOUNTS, key=len, reverse=True))})(?![\w])")
ALIKE = 60  # of 100, from where on a heading is worth a suggestion


@dataclass(frozen=True)
class Found:
    """The headings of a sheet by what they stand for: column → place among the headers, and by what its numbers are to
    be multiplied. `unknown` are headings that stand for nothing, `same` further ones of a column that has one."""

    places: dict[str, int]
    factors: dict[str, int]
    unknown: tuple[int, ...]
    same: tuple[int, ...]


def heading(written: str) -> str:
    """A heading as it is compared."""
    return identity.number(written).replace("_", "").strip("*?:")


class Spellings:
    """The headings by which the columns of a kind of file are known."""

    def __init__(self, columns: tuple[Column, ...], mapping: Mapping[str, str] | None = None) -> None:
        self.columns = {one.name: one for one in columns}
        self.names = {heading(spelling): one.name for one in columns for spelling in one.spellings}
        self.said = {heading(written): name for written, name in (mapping or {}).items()}

    def column(self, written: str) -> tuple[str | None, str]:
        """The column a heading stands for, and the unit it names; None for none."""
        spelt = heading(written)
        parts = BEHIND.match(spelt)
        unit = parts[2] if parts else ""
        if spelt in self.said:
            return self.said[spelt] or None, unit
        if spelt in self.names:
            return self.names[spelt], unit
        name = self.names.get(parts[1]) if parts else None
        return (name, unit) if name is not None and self.columns[name].unit else (None, "")

    def known(self, written: str) -> bool:
        return self.column(written)[0] is not None

    def found(self, sheet: Sheet) -> Found:
        """What the headings of a sheet stand for; of several of one meaning the one that has values."""
        over = [*(text for _row, text in sheet.above), *(one for one in sheet.headers if not self.known(one))]
        of_table = next((AMOUNTS[unit[1]] for text in over if (unit := ABOVE.search(heading(text)))), 1)
        filled = [sheet.cells[str(place)].null_count() < sheet.cells.height for place in range(len(sheet.headers))]
        places, factors, unknown, same = {}, {}, [], []
        for place, written in sorted(enumerate(sheet.headers), key=lambda one: not filled[one[0]]):
            name, unit = self.column(written)
            if name is None:
                unknown.append(place)
            elif name in places:
                (same if filled[place] else unknown).append(place)
            else:
                places[name] = place
                factors[name] = UNITS[unit] if unit else of_table if self.columns[name].unit == "amount" else 1
        return Found(places, factors, tuple(sorted(unknown)), tuple(same))

    def ignored(self, written: str) -> bool:
        """Whether somebody said that the column is not to be used."""
        return self.said.get(heading(written)) == ""

    def suggestion(self, written: str, free: set[str]) -> str | None:
        """Which of these columns the heading is likest to."""
        spelt = heading(written)
        parts = BEHIND.match(spelt)
        score = {}
        for name in free:
            column = self.columns[name]
            known = [heading(one) for one in column.spellings]
            likeness = max(fuzz.ratio(spelt, one) for one in known)
            holds = any(one in spelt for one in (*known, *map(heading, column.like)))
            unit = bool(parts and column.unit == "amount" and parts[2] in AMOUNTS)
            score[name] = likeness + 60 * holds + 60 * unit
        best = max(score, key=lambda name: score[name], default=None)
        return best if best is not None and score[best] >= ALIKE else None
