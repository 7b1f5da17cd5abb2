"""One log as different people write it: other headings, units, widths, letter case, marks nobody sees, date and amount
formats, sheets, orders of columns."""

from datetime import date, datetime, time
from io import BytesIO
from random import Random

import xlsxwriter

CAST = ("1001", "王芳"), ("A002b", "李·强")
LOG = [  # day, time, manager, kind, customer, phone, product, amount, effective
    (date(2026, 11, 2), time(9, 30), 0, "consultation", "湖滨(东)书店", "13800000001", "credit_loan", None, None),
    (date(2026, 11, 2), time(9, 40), 0, "consultation", "湖滨(东)书店", "13800000001", "credit_loan", None, None),
    (date(2026, 11, 3), None, 0, "application", "湖滨(东)书店", "13800000001", "credit_loan", None, None),
    (date(2026, 11, 6), None, 0, "deal", "湖滨(东)书店", "13800000001", "credit_loan", 85_000, None),
    (date(2026, 11, 4), time(14, 5), 1, "consultation", "阿依努尔·买提", None, "mortgage_loan", None, None),
    (date(2026, 11, 4), None, 1, "consultation", None, None, None, None, None),
    (date(2026, 11, 5), None, 1, "consultation", "Lakeside Cafe", "02712345678", "credit_card", None, False),
    (date(2026, 11, 9), None, 1, "deal", "Lakeside Cafe", "02712345678", "credit_card", 1_234.56, None),
    (date(2026, 11, 10), None, 1, "deal", "阿依努尔·买提", None, "mortgage_loan", 1_200_000, None),
]
HEADINGS = {
    "date": ("日期", "date", "DATE", "日 期", "日期*", "日\u200b期"),
    "time": ("时间", "time", "时间？"),
    "region": ("分行", "region", "Region"),
    "branch": ("支行", "branch", "支行："),
    "staff_no": ("工号", "staff_no", "Staff No", "工\u202c号"),
    "manager": ("客户经理", "姓名", "manager"),
    "kind": ("活动类型", "类型", "kind", "Ｋｉｎｄ"),
    "customer": ("客户", "客户名称", "customer"),
    "phone": ("手机号", "电话", "phone"),
    "product": ("产品", "product"),
    "amount": ("金额", "amount", "金额(元)", "金额（万元）", "金额（千元）", "金额/万元", "金额_元", "AMOUNT"),
    "effective": ("有效", "是否有效", "effective"),
}
WORDS = {"consultation": "咨询", "application": "申请", "deal": "成交"}
PRODUCTS = {
    "credit_loan": ("信用贷款", "信用", "Credit loan"),
    "mortgage_loan": ("抵押贷款", "抵押"),
    "credit_card": ("信用卡",),
}
UNITS = {"金额（万元）": 10_000, "金额（千元）": 1_000, "金额/万元": 10_000}
UNSEEN = ("\u200b", "\u202a", "\u202c", "\ufeff", "\u2060", "\u00ad", "\ufe0f")
FULL = str.maketrans({chr(one): chr(one + 0xFEE0) for one in range(0x21, 0x7F)})
DOTS = "·•・．"


def spelled(text: str, rng: Random) -> str:
    """The same name or number in another spelling."""
    if rng.random() < 0.3:
        text = text.translate(FULL)
    if rng.random() < 0.3:
        text = rng.choice((text.upper(), text.lower()))
    text = text.replace("·", rng.choice(DOTS))
    if rng.random() < 0.3:
        place = rng.randrange(len(text) + 1)
        text = text[:place] + rng.choice(UNSEEN) + text[place:]
    if rng.random() < 0.2:
        text = rng.choice((" ", "\u3000", "\xa0")) + text
    return text


def number(text: str, rng: Random) -> str:
    text = spelled(text, rng)
    return rng.choice((text, text, f'="{text}"', f"'{text}"))


def phone(text: str, rng: Random) -> str:
    shapes = [text, f"{text[:3]} {text[3:7]} {text[7:]}", f"{text[:3]}-{text[3:]}", f"\u202d{text}\u202c", f"'{text}"]
    return rng.choice([*shapes, f"+86{text}", f"+86 {text}"] if text.startswith("1") else shapes)


def day(one: date, rng: Random) -> str:
    plain = f"{one.year}/{one.month}/{one.day}"
    shapes = [str(one), plain, f"{plain} 0:00", f"{plain} 0:00:00", f"{one:%Y%m%d}", f"{one:%Y.%m.%d}"]
    return rng.choice([*shapes, f"{one.year}年{one.month}月{one.day}日", f"{one}T00:00:00", str(one).translate(FULL)])


def clock(one: time, rng: Random) -> str:
    shapes = [f"{one:%H:%M}", f"{one.hour}:{one:%M:%S}", f"{one:%H：%M}", f"{one.hour}时{one:%M}分"]
    return rng.choice([*shapes, f"{one:%I:%M %p}", f"2026-11-02 {one:%H:%M:%S}"])


def amount(value: float, unit: int, rng: Random) -> str | float:
    shapes: list[str | float] = [f"{value / unit:.10g}", value / unit, f"{value / unit:,.10g}"]
    return rng.choice(
        [*shapes, f"{value / 10_000:.10g}万元", f"{value:,}元", f"￥{value / unit:,.10g}".translate(FULL)]
    )


def table(rng: Random) -> tuple[list[list], dict[str, str]]:
    """Headings and rows, and which heading was chosen for each column; cells are text, amounts perhaps numbers."""
    columns = list(HEADINGS)
    rng.shuffle(columns)
    chosen = {name: rng.choice(HEADINGS[name]) for name in columns}
    unit = UNITS.get(chosen["amount"], 1)
    rows = []
    for on, at, who, kind, customer, calls, product, value, effective in LOG:
        with_clock = at is not None and rng.random() < 0.2
        cells: dict[str, str | float] = {
            "date": f"{on} {at:%H:%M:%S}" if with_clock else day(on, rng),
            "time": "" if at is None or with_clock else clock(at, rng),
            "region": spelled("江城分行", rng),
            "branch": spelled("东湖支行", rng),
            "staff_no": number(CAST[who][0], rng),
            "manager": spelled(CAST[who][1], rng),
            "kind": rng.choice((kind, WORDS[kind], spelled(WORDS[kind], rng), kind.upper())),
            "customer": spelled(customer, rng) if customer else rng.choice(("", "无", "-", "/", "N/A", "——")),
            "phone": phone(calls, rng) if calls else "",
            "product": spelled(rng.choice((product, *PRODUCTS[product])), rng) if product else rng.choice(("", "-")),
            "amount": "" if value is None else amount(value, unit, rng),
            "effective": "" if effective is None else rng.choice(("否", "FALSE", "no", "无效", "０")),
        }
        rows.append([cells[name] for name in columns])
    order = list(range(len(rows)))
    rng.shuffle(order)
    return [[chosen[name] for name in columns], *(rows[one] for one in order)], chosen


def harmed(rows: list[list], chosen: dict[str, str], rng: Random) -> list[list]:
    """The same table with something in it of which nobody can tell what it means."""
    place = rows[0].index(chosen["amount"])
    filled = [one for one in rows[1:] if one[place] != ""]
    match rng.randrange(6):
        case 0:
            rows[0][place] = rng.choice(("贷款金额", "放款额", "金额(美元)"))
        case 1:
            rng.choice(rows[1:])[rows[0].index(chosen["customer"])] = rng.choice(("#N/A", "#REF!", "＃VALUE!"))
        case 2:
            rng.choice(filled)[place] = "80%"
        case 3:
            rows = [[*one, one[place]] for one in rows]
            rows[0][-1] = "金额(元)" if chosen["amount"] != "金额(元)" else "金额"
        case 4:
            rng.choice(rows[1:])[rows[0].index(chosen["date"])] = rng.choice(("11/2/26", "昨天", "2026-02-30"))
        case 5:
            rng.choice(filled)[place] = rng.choice(("八万五", "1,5", "85000-90000"))
    return rows


def comma_separated(rows: list[list], rng: Random) -> bytes:
    sign = rng.choice(",;\t")
    said = [[str(cell) for cell in one] for one in rows]
    if rng.random() < 0.3:
        said.insert(0, ["江城分行小微活动日志", *[""] * (len(rows[0]) - 1)])
    quoted = [sign.join('"' + cell.replace('"', '""') + '"' for cell in one) for one in said]
    if rng.random() < 0.2:
        quoted.insert(0, f"sep={sign}")
    encoding = rng.choice(("utf-8", "utf-8-sig", "utf-16", "gb18030"))
    return rng.choice(("\n", "\r\n")).join(quoted).encode(encoding)


def workbook(rows: list[list], chosen: dict[str, str], rng: Random) -> bytes:
    target = BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False}) as book:
        if rng.random() < 0.3:
            book.add_worksheet("填写说明").write_column(0, 0, ["请按月填写", "不得合并单元格"])
        sheet = book.add_worksheet("log")
        moment = book.add_format({"num_format": rng.choice(("yyyy/m/d h:mm", "yyyy-mm-dd", "yyyy年m月d日"))})
        zeros = book.add_format({"num_format": "0000"})
        top = rng.choice((0, 0, 1, 3))
        if top:
            sheet.write(0, 0, "江城分行小微活动日志")
        days, staff = rows[0].index(chosen["date"]), rows[0].index(chosen["staff_no"])
        as_days = rng.random() < 0.5
        for number_, cells in enumerate(rows):
            for place, cell in enumerate(cells):
                at = (top + number_, place)
                if number_ and place == days and as_days and str(cell)[:4] == "2026" and "-" in str(cell)[:5]:
                    sheet.write_datetime(*at, datetime.fromisoformat(str(cell)), moment)
                elif number_ and place == staff and cell == "1001":
                    sheet.write_number(*at, 1001, zeros)
                elif cell != "":
                    sheet.write(*at, cell)
    return target.getvalue()
