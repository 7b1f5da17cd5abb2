"""The closed lists of the activity log: each code with the word branch staff use for it (source: training material)."""

KINDS = {
    "consultation": "咨询",
    "application": "申请",
    "acceptance": "受理",
    "investigation": "调查",
    "review": "审查",
    "committee": "审议",
    "approval": "审批",
    "contract": "签约",
    "deal": "成交",
    "rejected": "拒贷",
    "withdrawn": "放弃",
}
ENDS = ("deal", "rejected", "withdrawn")

CHANNELS = {
    "roadshow": "路演",
    "holiday": "节日",
    "event": "事件",
    "crossover": "跨界",
    "wechat": "微信",
    "interest": "兴趣",
    "batch": "批量",
    "partner": "渠道",
}
FORBIDDEN_CHANNELS = ("中介助贷", "助贷中介", "中介", "助贷", "loan broker", "broker", "intermediary")

METHODS = {
    "visit": "走访",
    "phone": "电销",
    "leaflet": "派单",
    "mail": "邮件",
    "gathering": "聚会",
    "referral": "转介绍",
}

CUSTOMER_KINDS = {
    "sole_trader": "个体工商户",
    "small_company": "小微企业(主)",
    "startup": "初创企业",
    "farmer": "农户/合作社",
}

FAMILIES = {"loan": "贷款", "cross_sell": "交叉销售"}

LOAN_PRODUCTS = {
    "credit_loan": ("信用贷款", "Credit loan"),
    "guaranteed_loan": ("保证贷款", "Guaranteed loan"),
    "mortgage_loan": ("抵押贷款", "Mortgage loan"),
    "pledged_loan": ("质押贷款", "Pledged loan"),
    "joint_loan": ("联保贷款", "Joint-liability loan"),
}
CROSS_SELL_PRODUCTS = {
    "pension_account": ("个人养老金账户", "Private pension account"),
    "credit_card": ("信用卡", "Credit card"),
    "wealth": ("理财", "Wealth management"),
    "bill_pay": ("缴费通", "Bill payment"),
    "qr_payment": ("聚合码支付", "QR payment"),
    "merchant_acquiring": ("商户收单", "Merchant acquiring"),
    "account_opening": ("开户", "Account opening"),
}

MEASURES = {"consultations": "咨询量", "applications": "申请量", "deals": "成交量", "deal_amount": "成交金额"}
AMOUNTS = ("deal_amount",)  # measures in cents; the others are counts
TIERS = {"target": "目标", "stretch": "冲刺", "challenge": "挑战"}
DAY_PARTS = {"full": "全天", "morning": "上午", "afternoon": "下午"}
FESTIVALS = {  # as the calendar stores them
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
}
LEVELS = {"region": "分行", "branch": "支行", "manager": "客户经理"}

ROLES = {
    "manager": "客户经理",
    "branch_head": "支行负责人",
    "regional": "分行条线",
    "screen": "会议室大屏",
    "administrator": "管理员",
    "auditor": "审计",
}
MESSAGE_STATES = {  # of a message to a group, from its queue to its end
    "waiting": "待发送",
    "sending": "发送中",
    "sent": "已发送",
    "unconfirmed": "未确认",
    "refused": "被拒绝",
    "struck": "已作废",
}
CHAT_SERVICES = {"wecom": "企业微信", "dingtalk": "钉钉", "feishu": "飞书"}
MESSAGE_KINDS = {"trial": "测试消息"}
STANDING_IN = {"deputy": "代理负责人"}  # what a manager may be besides (db.rights.DEPUTY)
DEEDS = {  # what the audit trail names: who did what
    "sign_in": "登录",
    "sign_out": "退出",
    "fail": "登录失败",
    "refuse": "越权拒绝",
    "unmask": "查看脱敏信息",
    "hint": "撞单提示",
    "export": "导出",
    "import": "导入",
    "undo": "撤销导入",
    "correct": "更正",
    "void": "撤回",
    "restore": "恢复",
    "conflict": "重复提交冲突",
    "close_day": "锁定当日",
    "reopen_day": "解锁当日",
    "open_day": "休息日上班",
    "confirm": "确认",
    "merge": "合并客户",
    "hand_over": "移交客户",
    "move": "推进商机",
    "promise": "承诺",
    "set": "设置",
    "add": "新增",
    "change": "变更",
    "disable": "停用",
    "enable": "启用",
    "set_password": "重置密码",
    "change_password": "修改密码",
    "hire": "入职",
    "transfer": "调动",
    "leave": "离职",
    "start": "开始",
    "resume": "继续",
    "end": "结束",
    "agree": "约定",
    "done": "完成",
    "drop": "取消",
    "queue": "加入发送队列",
    "send": "发送消息",
    "send_again": "再次发送",
    "strike": "作废消息",
    "allow": "允许外发",
    "forbid": "禁止外发",
    "forget": "遗忘客户",
    "expire": "到期删除",
    "seal": "加密个人信息",
}
CAUSES = {  # what an interview finds behind a number (KASH, and what is not theirs to change)
    "knowledge": "知识不足",
    "attitude": "心态问题",
    "skill": "技能不足",
    "habit": "习惯未养成",
    "circumstances": "客观条件",
}
REACTIONS = {"urge": "督促", "train": "培训", "support": "帮扶"}
WATCHED = ("consultations_a_day", "application_rate", "deal_rate")  # the number that an interview wants to move
ACTION_OWNERS = {"the_manager": "客户经理本人", "the_branch_head": "支行负责人"}
MEETINGS = {"morning": "早会", "evening": "夕会", "weekly": "周例会", "monthly": "月度例会", "quarterly": "季度例会"}
MEETINGS_IN_TRAIL = {f"{kind}_meeting": zh for kind, zh in MEETINGS.items()}  # “morning” alone is a part of a day
ATTENDANCE = {"present": "出席", "absent": "缺席", "on_leave": "请假"}
FUNNEL_STEPS = {one: KINDS[one] for one in ("consultation", "application", "deal")}
SHELF = {  # what there is to learn from
    "news": "时事与监管",
    "policy": "本行政策",
    "knowledge_point": "知识点",
    "extracted_method": "萃取方法",
    "success_case": "成功案例",
    "risk_case": "风险案例",
    "fraud_case": "欺诈案例",
    "complaint_case": "投诉案例",
}
CASES = ("success_case", "risk_case", "fraud_case", "complaint_case")
VISIT_PARTS = {"main_talker": "主聊", "second_talker": "辅聊", "observer": "观察"}
LOST_REASONS = {  # why an opportunity came to nothing
    "rate_too_high": "利率高",
    "another_bank": "他行已批",
    "not_qualified": "资质不符",
    "no_need_any_more": "暂无需求",
    "papers_missing": "资料不全",
    "other_reason": "其他原因",
}
NEXT_STEPS = {  # what is offered as a next step; others may be typed
    "collect_papers": "上门收资料",
    "call_again": "电话回访",
    "complete_bank_statements": "补充银行流水",
    "meet_the_owner": "约见负责人",
    "check_the_title_deed": "核对抵押物权属",
    "explain_rates": "介绍利率方案",
    "join_the_investigation": "陪同实地调查",
    "urge_account_opening": "催办开户资料",
}
