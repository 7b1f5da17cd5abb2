"""What stands on the shelf of a simulated region, and who has read it. Written without a draw, so that nothing else of the
region depends on it."""

from datetime import date, datetime, timedelta

from db.simulate.people import Desk, Row

# kind, title, text, done, outcome, lesson, trade, step, months, days since: of the region.
REGION_ENTRIES = (
    (
        "news",
        "普惠小微贷款支持工具延续",
        "央行延续普惠小微贷款支持工具。对个体户和小微企业的首贷、信用贷可继续享受激励，沟通时可说明政策窗口期。",
        "",
        "",
        "",
        "",
        None,
        [],
        1,
    ),
    (
        "news",
        "监管提示：严禁与中介合作获客",
        "监管再次通报：不得通过助贷中介获客，不得收取或变相转嫁费用。发现客户由中介带来，一律如实登记并退件。",
        "",
        "",
        "",
        "",
        None,
        [],
        6,
    ),
    (
        "policy",
        "信用贷款首贷户利率优惠",
        "自本月起首贷户利率下浮 20 个基点，额度上限 50 万元。需核实近 12 个月经营流水。",
        "",
        "",
        "",
        "",
        "consultation",
        [],
        2,
    ),
    (
        "policy",
        "抵押物评估改为两家询价",
        "50 万元以上抵押贷款需取得两家评估机构询价，取低值。请提前告知客户准备权属资料，避免二次跑腿。",
        "",
        "",
        "",
        "",
        "deal",
        [],
        9,
    ),
    (
        "knowledge_point",
        "餐饮业看流水的三个细节",
        "一看收款码与现金比例，二看午晚市高峰是否与座位数匹配，三看进货频次。三者不一致时先问原因再报额度。",
        "",
        "",
        "",
        "餐饮",
        "application",
        [],
        20,
    ),
    (
        "knowledge_point",
        "个体户第一次见面先问什么",
        "先问做了几年、旺季是哪几个月、进货压不压款，再谈产品。客户愿意说经营，才有需求可挖。",
        "",
        "",
        "",
        "批发市场",
        "consultation",
        [],
        34,
    ),
    (
        "knowledge_point",
        "年末备货资金需求",
        "批发、烟酒、年货类商户在年末备货，资金缺口集中在本月和下月。提前两周约见，准备好流水清单。",
        "",
        "",
        "",
        "批发零售",
        "consultation",
        [11, 12, 1],
        12,
    ),
    (
        "knowledge_point",
        "春耕备耕贷款要点",
        "合作社和种植户的农资采购集中在开春，资料以土地流转合同和上年销售单据为主。",
        "",
        "",
        "",
        "种植",
        "application",
        [2, 3, 4],
        48,
    ),
    (
        "knowledge_point",
        "审批通过后客户犹豫怎么办",
        "把总成本换算成每天多少钱，和同业逐项比；约定放款日和第一笔用途，避免客户反复比价。",
        "",
        "",
        "",
        "",
        "deal",
        [],
        15,
    ),
    (
        "success_case",
        "夜市商户从收款码到信用贷",
        "夜市商户无账本，连续三次被他行拒绝。",
        "用聚合码三个月流水加实地点数，替客户补齐经营证明。",
        "7 个工作日放款 20 万元，并介绍同市场 3 户。",
        "没有账本不等于没有经营，流水要自己帮客户做出来。",
        "餐饮",
        "application",
        [],
        5,
    ),
    (
        "risk_case",
        "同一担保人重复担保",
        "三户借款人由同一人担保，且经营地址相邻。",
        "比对担保人名单后暂停审批，逐户实地核查。",
        "两户撤回申请，一户换担保人后放款。",
        "受理时先查担保人名下余额，再谈额度。",
        "",
        None,
        [],
        8,
    ),
    (
        "fraud_case",
        "伪造流水识别",
        "对公流水金额整齐、无零头，且没有水电费支出。",
        "要求客户当面登录网银展示明细。",
        "客户放弃申请。",
        "只看纸质流水不够，必须当面核对。",
        "",
        None,
        [],
        18,
    ),
    (
        "complaint_case",
        "还款日说明不清引发投诉",
        "客户以为节假日顺延，逾期一天后投诉。",
        "当天上门致歉并说明规则，协助申请减免。",
        "客户撤诉并继续用信。",
        "签约时当面写下还款日和节假日规则，请客户复述一遍。",
        "",
        None,
        [],
        27,
    ),
)
# the same, of each branch
BRANCH_ENTRIES = (
    (
        "extracted_method",
        "先问旺季备货，再谈额度",
        "不先报产品，先问旺季什么时候、要压多少货。客户算出缺口后再报额度，当场约定下次带资料的时间。",
        "",
        "",
        "",
        "批发零售",
        "consultation",
        [],
        3,
    ),
    (
        "extracted_method",
        "申请资料一次收齐的清单法",
        "第一次拜访就留下纸质清单，当场勾选已有的，剩下的约定日期上门收。微信提前一天提醒。",
        "",
        "",
        "",
        "",
        "application",
        [],
        7,
    ),
    (
        "success_case",
        "老客户转介绍整条街",
        "一位老客户在商户微信群里主动介绍。",
        "请老客户一起走访，两人主聊辅聊配合。",
        "一周内新增 6 户咨询、2 户申请。",
        "放款后第三天回访时请客户介绍，效果最好。",
        "商业街",
        "consultation",
        [],
        10,
    ),
)
KEYS = ("kind", "title", "text", "done", "outcome", "lesson", "trade", "step", "months")
READ_EVERY = 3  # of entries and managers, how many have read it


def entry_rows(branches: int, region: int, today: date, written_at: datetime) -> list[Row]:
    """The region's entries, then those of each branch, numbered in this order."""
    rows: list[Row] = []
    for branch, entries in [(None, REGION_ENTRIES), *((one, BRANCH_ENTRIES) for one in range(1, branches + 1))]:
        writer = "region-1" if branch is None else f"head-{branch}"
        for *texts, ago in entries:
            said = {name: text if text != "" else None for name, text in zip(KEYS, texts, strict=True)}
            place = {"id": len(rows) + 1, "region_id": region, "branch_id": branch, "day": today - timedelta(ago)}
            rows.append(place | said | {"written_by": writer, "written_at": written_at})
    return rows


def view_rows(entries: list[Row], desks: list[Desk], today: date) -> list[Row]:
    """Part of each branch's team has read an entry, some days after it was written."""
    team = [desk for desk in desks if desk.to_day is None and desk.person.left_on is None]
    rows: list[Row] = []
    for entry in entries:
        for desk in team:
            here = entry["branch_id"] in (None, desk.branch)
            if here and (entry["id"] + desk.person.id) % READ_EVERY:
                day = min(entry["day"] + timedelta(desk.person.id % 4), today)
                place = {"branch_id": desk.branch, "manager_id": desk.person.id}
                rows.append({"entry_id": entry["id"], "account": desk.person.staff_no, "day": day, **place})
    return rows
