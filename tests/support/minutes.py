"""Minutes to lay out: a morning meeting of any number of managers, an empty day, texts that want to be more than text."""

from dashboard.documents.blocks import Bar, Bars, Cell, Document, Note, Section, Table, Text

LONG_NAME = "江城市东湖高新技术开发区宏远达昌兴隆国际贸易与供应链综合服务发展（集团）股份有限公司光谷大道第二分公司武昌营业部物流中心二"
HOSTILE = (
    '#read("/etc/passwd")',
    "{{ 7 * 7 }} {% raw %}",
    "=1+1",
    "<b>bold</b> & &amp;",
    "$x^2$ \\sum",
    "@ref <label>",
    "*bold* _it_ `code` // no comment",
    "right\u202eto left",
    "nul\x00l",
    "half\ud800character",
    "无" + "W" * 300,
)
WORDS = {
    "zh": {
        "title": "早会纪要 · 江城分行营业部",
        "subtitle": "2026年11月20日 星期五",
        "facts": (("时间", "08:30 – 08:52"), ("地点", "三楼会议室"), ("主持人", "沈卫东"), ("记录人", "林晓")),
        "present": ("姓名", "签到", "签字"),
        "here": "已到",
        "away": "请假",
        "manager": "客户经理",
        "headings": ("客户经理", "咨询", "申请", "放款", "放款金额", "达成率", "状态"),
        "behind": "▼ 落后",
        "pace": "√ 达标",
        "reason": "申请率偏低：咨询 21 次，申请 2 笔，低于同伴 18%–34% 的区间。",
        "sections": ("昨日回顾", "今日重点", "角色演练", "今日目标"),
        "of": "{} / {} 笔",
        "note": "约好下午两点一起去光谷市场。\n带上新的展业折页。",
        "outcome": "由张伟辅导两次陪访，周五前完成",
        "promises": "今日承诺",
        "promised": ("客户经理", "咨询", "申请", "放款", "确认"),
        "yes": "√ 本人已确认",
        "commitments": "待办事项",
        "commitment": ("事项", "责任人", "期限", "状态"),
        "do": "跟进本月到期的授信客户",
        "open": "○ 进行中",
        "team": "团队合计",
        "signatures": ("主持人签字：", "记录人签字："),
        "footer": ("达成率 = 本月截至当日实际 ÷ 全月计划。", "口径版本 7 · 数据版本 184220 · 2026-11-20 08:53 生成"),
        "bars": "放款与计划（笔）",
    },
    "en": {
        "title": "Minutes of the morning meeting · Jiangcheng main branch",
        "subtitle": "Friday, 20 November 2026",
        "facts": (("Time", "08:30 – 08:52"), ("Place", "Room 3"), ("Chair", "Shen Weidong"), ("Notes", "Lin Xiao")),
        "present": ("Name", "Present", "Signature"),
        "here": "Here",
        "away": "On leave",
        "manager": "Manager",
        "headings": ("Manager", "Consultations", "Applications", "Deals", "Deal amount", "Attainment", "Status"),
        "behind": "▼ Behind",
        "pace": "√ On pace",
        "reason": "Few apply: 2 applications of 21 consultations, below the 18–34% of their peers.",
        "sections": ("Yesterday", "Today's focus", "Role play", "Today's targets"),
        "of": "{} of {} deals",
        "note": "To Optics Valley market together at two.\nBring the new leaflets.",
        "outcome": "Zhang Wei goes along on two visits, by Friday",
        "promises": "Promises of today",
        "promised": ("Manager", "Consultations", "Applications", "Deals", "Confirmed"),
        "yes": "√ Confirmed by themselves",
        "commitments": "Commitments",
        "commitment": ("What", "Who", "Until", "Status"),
        "do": "Follow up on the credit lines that end this month",
        "open": "○ In progress",
        "team": "The team",
        "signatures": ("Chair: ", "Notes: "),
        "footer": (
            "Attainment = actual to date ÷ plan of the month.",
            "Definitions 7 · data 184220 · made 2026-11-20 08:53",
        ),
        "bars": "Deals and plan",
    },
}


def name(number: int) -> str:
    return "张王李赵陈杨黄周吴徐"[number % 10] + "伟芳娜敏静丽强磊军洋"[number // 10 % 10] + "明华"[number % 2]


def morning(managers: int, lang: str = "zh") -> Document:
    """A morning meeting as it was held."""
    say, team = WORDS[lang], [name(number) for number in range(managers)]
    rows = tuple(
        (
            Cell(one),
            *(Cell(str((number * step) % 30)) for step in (7, 3, 1)),
            Cell(f"{(number * 137) % 400 + 12.5:,.1f} 万" if lang == "zh" else f"{(number * 1370) % 4000 + 125:,}k"),
            Cell(f"{(number * 17) % 140}%"),
            Cell(say["behind"] if number % 3 == 0 else say["pace"], "warn" if number % 3 == 0 else "good"),
        )
        for number, one in enumerate(team)
    )
    total = tuple(map(Cell, (say["team"], "412", "96", "38", "2,140.5", "87%", "—")))
    bars = Bars(
        tuple(Bar(one, float(n % 9), 6.0, say["of"].format(n % 9, 6)) for n, one in enumerate(team[:8])), say["bars"]
    )
    titles = say["sections"]
    sections = (
        Section("yesterday", titles[0], 5, 6, (Table(say["headings"], rows, total, "", 1), bars)),
        Section(
            "focus",
            titles[1],
            8,
            7,
            (Text(f"{LONG_NAME}：{say['reason']}"), Text(say["reason"], "warn")),
            (Note("沈卫东", say["note"]), Note("林晓", say["reason"])),
            (say["outcome"], say["outcome"]),
        ),
        Section("play", titles[2], 5, None),
        Section("targets", titles[3], 4, 4, (Text(say["reason"]),)),
    )
    present = tuple((Cell(one), Cell(say["away" if n == 2 else "here"]), Cell("")) for n, one in enumerate(team))
    promised = tuple((Cell(one), Cell("5"), Cell("2"), Cell("1"), Cell(say["yes"], "good")) for one in team)
    todo = tuple((Cell(say["do"]), Cell(one), Cell("2026-11-27"), Cell(say["open"], "note")) for one in team[:3])
    return Document(
        say["title"],
        say["subtitle"],
        say["facts"],
        sections,
        Table(say["present"], present),
        Table(say["promised"], promised, (), say["promises"]),
        Table(
            say["commitment"],
            (*todo, (Cell(LONG_NAME), Cell(team[0]), Cell("2026-12-01"), Cell(say["open"], "note"))),
            (),
            say["commitments"],
            4,
        ),
        say["signatures"],
        say["footer"],
    )


def empty(lang: str = "zh") -> Document:
    """A day on which nothing was held and nothing happened."""
    say = WORDS[lang]
    sections = tuple(Section(title, title) for title in say["sections"])
    nothing = Table(say["headings"], ())
    sections = (Section("table", say["manager"], blocks=(nothing, Bars((), say["bars"]), Text(""))), *sections)
    return Document(say["title"], "", (), sections, None, Table(say["promised"], (), (), say["promises"]), None, (), ())


def hostile() -> Document:
    """Every place that holds a text holds one that wants to be more; “END …” stands after each of them."""
    one, cells = "\n".join((*HOSTILE[:-1], "END")), tuple(Cell(text, "bad") for text in HOSTILE)
    rows = tuple((cell, Cell(f"END {place}")) for place, cell in enumerate(cells))
    table = Table((HOSTILE[0], HOSTILE[2]), rows, (Cell(HOSTILE[4]), Cell("END total")), HOSTILE[1])
    bars = Bars(tuple(Bar(text, 1.0, None, f"END {text}") for text in HOSTILE[:-1]), HOSTILE[3])
    empty_bars = Bars((Bar("a", None, None, "-"), Bar("b", -3.0, 0.0, "-3"), Bar("c", 0.0, -1.0, "0")))
    section = Section(
        HOSTILE[0], one, None, 3, (Text(one), table, bars, empty_bars), (Note(one, one),), (*HOSTILE, "END outcomes")
    )
    return Document(
        one,
        one,
        tuple((text, text) for text in HOSTILE),
        (section, Section("z", "END section")),
        table,
        table,
        table,
        (*HOSTILE, "END signatures"),
        (*HOSTILE, "END footer"),
    )
