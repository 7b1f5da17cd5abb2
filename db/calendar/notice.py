"""The State Council's yearly notice (国务院办公厅关于20XX年部分节假日安排的通知) as text: which days it makes free, and
which weekends it has worked for them. Whatever it says of a day is understood or refused, never passed over."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from db.codes import FESTIVALS
from db.errors import Refused

LONGEST = 10  # days off in a row: those of Spring Festival 2020
CODES = {word: code for code, word in FESTIVALS.items()} | {"清明": "Tomb-sweeping Day", "端午": "Dragon Boat Festival"}
CODES |= {"中秋": "Mid-autumn Festival", "国庆": "National Day"}
KNOWN = "|".join(sorted(CODES, key=len, reverse=True))
# “一、元旦:”, “国庆节、中秋节:”, “元旦1月1日…”, and a numbered one of a name we do not know.
HEADING = re.compile(
    rf"(?:[一二三四五六七八九十]{{1,3}}、)?((?:{KNOWN})(?:[、和与及](?:{KNOWN}))*)(?::|(?=\d))"
    r"|[一二三四五六七八九十]{1,3}、([^:。;\d]{2,30}):"
)
YEAR = (re.compile(r"关于(\d{4})年"), re.compile(r"现将(\d{4})年"))
ASIDE = r"(?:\(([^()]*)\))?"
ONE_DAY = rf"(?:(\d{{4}})年)?(?:(\d{{1,2}})月)?(\d{{1,2}})日{ASIDE}"
SPAN = re.compile(rf"{ONE_DAY}(?:[至到~\-‐-―]+{ONE_DAY})?")
WEEKDAY = re.compile("(?:周|星期)([一二三四五六日天])")
COUNTED = re.compile(r"(?:共|放假)(\d{1,3})天")
AFTER_THE_DAYS = re.compile("节假日期间|国务院办公厅|此件公开")


@dataclass(frozen=True)
class Notice:
    """A year's days off and the weekends worked for them, each with its festival (codes.FESTIVALS; several joined by
    、)."""

    year: int
    free: dict[date, str]
    worked: dict[date, str]

    @property
    def days(self) -> dict[date, tuple[bool, str]]:
        """Every day that is named: whether it is worked, and the festival."""
        named = {day: (False, name) for day, name in self.free.items()}
        return dict(sorted((named | {day: (True, name) for day, name in self.worked.items()}).items()))


def read(text: str) -> Notice:
    """The notice a text holds, from heading to signature; full or half width, with line breaks anywhere.

    Raises Refused, naming what it cannot make out or what contradicts itself."""
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).replace("︰", ":")
    sections = list(named_sections(text))
    if not sections:
        raise Refused("No festival was found: paste the whole notice, from its title to the National Day.")
    year = year_of(text)
    free, worked = {}, {}
    for written, name, body in sections:
        of_festival = read_section(year, written, name == "New Year's Day", body)
        if not any(not works for works in of_festival.values()):
            raise Refused("No day off was found for {festival}: check its line.", festival=written)
        for day, works in of_festival.items():
            if day in free or day in worked:
                raise Refused("{day} is named twice: keep one.", day=day)
            (worked if works else free)[day] = name
    found = {one for _written, name, _body in sections for one in name.split("、")}
    missing = [word for code, word in FESTIVALS.items() if code not in found]
    if missing:
        raise Refused("The notice lacks {festivals}: paste the whole of it.", festivals="、".join(missing))
    return Notice(year, free, worked)


def named_sections(text: str) -> Iterator[tuple[str, str, str]]:
    """Each festival as it is written, as it is stored, and what the text says of it."""
    headings = list(HEADING.finditer(text))
    for place, one in enumerate(headings):
        end = headings[place + 1].start() if place + 1 < len(headings) else len(text)
        body = AFTER_THE_DAYS.split(text[one.end() : end])[0]
        written = one.group(1) or one.group(2)
        names = [CODES.get(name, name) for name in re.split("[、和与及]", written)] if one.group(1) else [written]
        yield written, "、".join(names), body


def year_of(text: str) -> int:
    found = {int(year) for pattern in YEAR for year in pattern.findall(text)} or {
        int(year) for year in re.findall(r"(\d{4})年", text)
    }
    if not found:
        raise Refused("No year was found: paste the title of the notice too, “关于2027年部分节假日安排的通知”.")
    if len(found) > 1:
        raise Refused("The text names several years ({years}): paste one notice.", years="、".join(map(str, found)))
    (year,) = found
    if not 2000 <= year <= 2100:
        raise Refused("{year} is not a year of this calendar: check the title.", year=year)
    return year


def read_section(year: int, festival: str, is_new_year: bool, body: str) -> dict[date, bool]:
    """What is said of one festival: each day named, and whether it is worked."""
    body = re.sub(r"\([^()]*\)", lambda aside: re.sub("[,。;]", "、", aside.group()), body)
    found: dict[date, bool] = {}
    last: list[date] = []
    for clause in filter(None, re.split("[,。;]", body)):
        if "鼓励" in clause or ("除夕" in clause and "安排" in clause):
            continue  # advice to employers, not a day off
        spans = list(spans_of(clause, year, is_new_year))
        works, rests = "上班" in clause, "放假" in clause or "休息" in clause
        if spans and works == rests:
            raise Refused("“{clause}” ({festival}) says neither 放假 nor 上班.", clause=clause, festival=festival)
        days = [day for first, end in spans for day in days_between(first, end)]
        if works:
            check_worked(days)
        elif spans:
            last = days
        counted = COUNTED.search(clause)
        if counted and last and int(counted.group(1)) != len(last):
            raise Refused(
                "{festival}: the text counts the days from {first} to {last} as {said}, but they are {number}: check them.",
                festival=festival,
                said=counted.group(1),
                first=last[0],
                last=last[-1],
                number=len(last),
            )
        for day in days:
            if day in found:
                raise Refused("{day} is named twice: keep one.", day=day)
            found[day] = works
    return found


def spans_of(clause: str, year: int, is_new_year: bool) -> Iterator[tuple[date, date]]:
    """First and last day of each “1月1日(周四)至3日(周六)” of a clause; a month that is left out is that of the day before."""
    month = None
    for one in SPAN.finditer(clause):
        ends = [one.groups()[:4], one.groups()[4:]]
        days = []
        for said_year, said_month, said_day, aside in ends[: 2 if ends[1][2] else 1]:
            month = int(said_month) if said_month else month
            if month is None:
                raise Refused("“{clause}” names a day without its month.", clause=clause)
            days.append(dated(year, is_new_year, said_year, month, int(said_day), aside))
        yield days[0], days[-1]


def dated(year: int, is_new_year: bool, said_year: str | None, month: int, number: int, aside: str | None) -> date:
    """The day; the December days of a New Year are of the year before."""
    of = int(said_year) if said_year else year - 1 if is_new_year and month == 12 else year
    if of != year and (of, month) != (year - 1, 12):
        raise Refused("{year} does not belong in the notice for {of}: check the year.", year=of, of=year)
    try:
        day = date(of, month, number)
    except ValueError as error:
        raise Refused("There is no {month}月{day}日 in {year}: check it.", month=month, day=number, year=of) from error
    said = WEEKDAY.search(aside or "")
    weekday = "一二三四五六日"[day.weekday()]
    if said and said.group(1).replace("天", "日") != weekday:
        raise Refused(
            "{day} is a 周{weekday}, the text says {said}: check the date.", day=day, weekday=weekday, said=said.group()
        )
    return day


def days_between(first: date, last: date) -> list[date]:
    if last < first:
        raise Refused("{first} to {last} is in the wrong order: check the days.", first=first, last=last)
    length = (last - first).days + 1
    if length > LONGEST:
        raise Refused(
            "{first} to {last} would be {number} days: check the days.", first=first, last=last, number=length
        )
    return [first + timedelta(n) for n in range(length)]


def check_worked(days: list[date]) -> None:
    for day in days:
        if day.weekday() < 5:
            raise Refused(
                "{day} is not on a weekend: only weekend days are worked in exchange for a day off, check the date.",
                day=day,
            )
