"""When two spellings are one: names and numbers in the one normal form in which they are compared, wherever they come
from: files, forms, the outbox, search, sign-in.

Stored is what was written, without what nobody can see; compared is `key`: half width (NFKC), one letter case, one kind
of middle dot and dash, no spaces beside Chinese characters. A number (staff, case, reference) has no spaces at all."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

# What shows nothing: controls, joiners, marks of direction and of variants, fillers. A literal class, so that it means
# the same to Python and to Polars.
INVISIBLE = (
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
# How programs keep a spreadsheet from reading digits as a number: ="00123" and '00123.
FORMULA_GUARD = '^[=＝]["＂](.*)["＂]$'
QUOTE_GUARD = "^['＇]+"
DOTS = dict.fromkeys(map(ord, "•‧∙⋅・･᛫⸱ㆍ●﹒\u0387"), "·")
DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−─"), "-")
UNSEEN = re.compile(INVISIBLE)
PLAIN = re.compile("[0-9A-Za-z\u4e00-\u9fff]+")  # its normal form is its lower case
ALL_PLAIN = f"^(?:{PLAIN.pattern})$"  # to Polars
NOT_IN_LATIN = re.compile(r"(?<![0-9a-z])\s+|\s+(?![0-9a-z])")
FULL_STOP = re.compile(r"(?<=[^\x00-\x7f])\.(?=[^\x00-\x7f])")

ERROR_WORD = re.compile(
    r"(?i)^#(N/?A(\s+N/?A)?|NAME\?|GETTING_DATA|(REF|VALUE|DIV/0|NULL|NUM|SPILL|CALC|[A-Z]{4,12})!|#+)$|^Err:\d+$"
)
NOBODY = frozenset(
    (
        *(
            "无",
            "没有",
            "暂无",
            "空",
            "空白",
            "未知",
            "不详",
            "不明",
            "未填",
            "未登记",
            "匿名",
            "无名",
            "无名氏",
            "无客户",
        ),
        *("某", "某某", "某人", "某客户", "路人", "散客", "陌生客户", "待定", "待补", "待补充"),
        *("n/a", "na", "n.a.", "null", "none", "nil", "nan", "undefined", "unknown", "anonymous", "tbd"),
    )
)
SIGNS_ALONE = re.compile(r"^[\W_]+$|^[x×]+$")


def clean(text: str) -> str:
    """As it is stored: without guards, without what shows nothing, spaces only between words."""
    text = UNSEEN.sub("", text).strip()
    text = re.sub(QUOTE_GUARD, "", re.sub(FORMULA_GUARD, r"\1", text))
    return " ".join(text.split())


def key(text: str) -> str:
    """The normal form of a name."""
    if PLAIN.fullmatch(text):
        return text.lower()
    text = unicodedata.normalize("NFKC", clean(text).translate(DOTS)).translate(DASHES).casefold().strip()
    return NOT_IN_LATIN.sub("", FULL_STOP.sub("·", text))


def number(text: str) -> str:
    """The normal form of a staff number, a case number, a reference."""
    return "".join(key(text).split())


def written_number(text: str) -> str:
    """A number as it is stored: half width, without spaces, in the letter case it was written in."""
    return "".join(unicodedata.normalize("NFKC", clean(text)).split())


def half_width(text: str) -> str:
    """A sign-in name as it is stored: half width, in the letter case it was written in."""
    return unicodedata.normalize("NFKC", clean(text))


def is_error(text: str) -> bool:
    """What a spreadsheet shows instead of a value."""
    return bool(ERROR_WORD.match(unicodedata.normalize("NFKC", clean(text))))


def is_nobody(text: str) -> bool:
    """What is written where there is no name: 无, -, /, N/A."""
    text = key(text).strip("()[]【】<>《》")
    return not text or text in NOBODY or bool(SIGNS_ALONE.match(text))


def names_nothing(text: str) -> bool:
    return is_error(text) or is_nobody(text)


def each(cell: pl.Expr, form: Callable[[str], str | bool], result: type[pl.DataType] = pl.String) -> pl.Expr:
    """A form of every text of a column; each spelling is looked at once, plain ones all together."""

    def of(column: pl.Series) -> pl.Series:
        return encoded(column).map(lambda texts: formed(texts, form, result)).column()

    return cell.map_batches(of, return_dtype=result)


@dataclass(frozen=True)
class Encoded:
    """A column as its `texts`, each spelling once, and the place of every row among them (null for an empty cell)."""

    texts: pl.Series
    places: pl.Series

    def map(self, of: Callable[[pl.Series], pl.Series]) -> "Encoded":
        return Encoded(of(self.texts), self.places)

    def column(self) -> pl.Series:
        return self.texts.gather(self.places)


def encoded(column: pl.Series) -> Encoded:
    arrow = column.to_arrow().dictionary_encode()
    return Encoded(pl.Series(column.name, arrow.dictionary), pl.Series(arrow.indices))


def formed(texts: pl.Series, form: Callable[[str], str | bool], result: type[pl.DataType]) -> pl.Series:
    plainly = OF_PLAIN.get(form)
    if plainly is None:
        return pl.Series([form(one) for one in texts], dtype=result)
    plain = texts.str.contains(ALL_PLAIN)
    found = pl.select(pl.when(plain).then(plainly(pl.lit(texts)))).to_series()
    others = (~plain).arg_true()
    if others.is_empty():
        return found
    return found.scatter(others, pl.Series([form(one) for one in texts.gather(others)], dtype=result))


def keys(cell: pl.Expr) -> pl.Expr:
    return each(cell, key)


def numbers(cell: pl.Expr) -> pl.Expr:
    return each(cell, number)


def cleaned(cell: pl.Expr) -> pl.Expr:
    """`clean` of a whole column; null where nothing is left."""

    return cell.map_batches(lambda column: encoded(column).map(clean_texts).column(), return_dtype=pl.String)


def clean_texts(texts: pl.Series) -> pl.Series:
    if texts.str.contains(ALL_PLAIN).all():
        return texts
    return pl.select(without_guards(pl.lit(texts))).to_series()


def without_guards(cell: pl.Expr) -> pl.Expr:
    cell = cell.str.replace_all(INVISIBLE, "").str.strip_chars().str.replace(FORMULA_GUARD, "$1")
    cell = cell.str.replace(QUOTE_GUARD, "").str.replace_all(r"\s+", " ").str.strip_chars()
    return pl.when(cell != "").then(cell)


# The forms of a text that is PLAIN, of many at once.
OF_PLAIN: dict[Callable[[str], str | bool], Callable[[pl.Expr], pl.Expr]] = {
    key: lambda text: text.str.to_lowercase(),
    number: lambda text: text.str.to_lowercase(),
    written_number: lambda text: text,
    is_error: lambda text: text != text,
    is_nobody: lambda text: text.str.to_lowercase().is_in(sorted(NOBODY)) | text.str.contains("^[xX]+$"),
}
