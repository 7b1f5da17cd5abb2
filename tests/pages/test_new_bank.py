"""From an empty database and a bank's own workbook to a morning page that works: three commands, and few clicks."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import Locator, expect

from tests.support.browsing import Visitor
from tests.support.servers import ROOT, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MEANS = {
    "拜访日期": "date",
    "分行名称": "region",
    "所属支行": "branch",
    "员工号": "staff_no",
    "员工姓名": "manager",
    "业务类型": "kind",
    "客户名称": "customer",
    "产品名称": "product",
    "放款金额（万元）": "amount",
}
STAFF = [("2001", "王芳"), ("2002", "李强"), ("2003", "赵敏")]
FIRST, OWN = "chenxi-2026-first", "lanse-zizhuche-88"


def workbook(path: Path, month: int) -> Path:
    """Forty-eight rows of a month as the bank keeps them, and its plan beside them."""
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("台账")
        page.write_row(0, 0, MEANS)
        for number in range(48):
            kind, amount = ("咨询", "咨询", "申请", "成交")[number % 4], 8.5 if number % 4 == 3 else None
            whose = ("华东分行", "城北支行", *STAFF[number % 3])
            day = f"2026-{month}-{2 + number % 18:02}"
            page.write_row(number + 1, 0, [day, *whose, kind, f"客户{month}{number // 4}商行", "经营贷", amount])
        page = book.add_worksheet("月度计划")
        page.write_row(0, 0, ["月份", "层级", "所属分行", "支行名称", "指标", "目标值（万元）"])
        page.write_row(1, 0, ["2026-11", "支行", "华东分行", "城北支行", "成交金额", 300])
    return path


class Newcomer(Visitor):
    """Somebody whose clicks are counted; what is typed goes to where the cursor stands already."""

    clicks = 0

    def tap(self, what: Locator) -> None:
        self.clicks += 1
        what.click()

    def settle(self) -> None:
        self.page.wait_for_timeout(500)
        self.settled()

    def type_in(self, *words: str) -> None:
        for one in words:
            self.page.keyboard.type(one)
            self.page.keyboard.press("Tab")

    def press(self, name: str | re.Pattern) -> None:
        self.tap(self.page.get_by_role("button", name=name))
        self.settle()

    def choose(self, label: str, words: str) -> None:
        self.tap(self.page.get_by_role("combobox", name=label).last)
        self.page.keyboard.type(words)
        self.page.keyboard.press("Enter")
        self.settle()

    def sign_in_with(self, login: str, password: str) -> None:
        expect(self.page.locator("#login")).to_be_focused()
        self.type_in(login, password)
        self.tap(self.page.get_by_role("button", name="登录"))

    def turn_to(self, group: str, page: str) -> None:
        self.clicks += 2
        super().turn_to(group, page)

    def bring(self, path: Path) -> None:
        """Brings a file whose headings are the bank's own, and takes what is suggested for them."""
        self.clicks += 1
        self.page.locator("input[type=file]").set_input_files(path)
        self.press("按此读取文件")
        expect(self.page.get_by_role("button", name=re.compile("^导入 "))).to_be_visible()
        self.press(re.compile("^导入 "))
        expect(self.page.get_by_text(re.compile("^批次 [0-9]"))).to_be_visible()


def test_a_bank_comes_to_its_first_morning_in_three_commands_and_few_clicks(browser, tmp_path):
    url = f"sqlite:///{tmp_path / 'bank.db'}"

    def command(*words: str, typed: str = "") -> None:
        call = [sys.executable, "-m", "dashboard", *words, "--database", url]
        done = subprocess.run(call, input=typed, text=True, capture_output=True, cwd=ROOT)
        assert done.returncode == 0, done.stdout + done.stderr

    october, november = workbook(tmp_path / "十月.xlsx", 10), workbook(tmp_path / "十一月.xlsx", 11)
    said = [word for heading, name in MEANS.items() for word in ("--map", f"{heading}={name}")]
    with serving(url, tmp_path, new=True) as address:  # the first: run --new
        command("import", "activities", str(october), "--create-missing", *said)
        command("account", "add", "admin", "--role", "administrator", "--password-stdin", typed=FIRST)
        one = Newcomer(browser, address)
        page = one.page
        page.goto(address)
        one.sign_in_with("admin", FIRST)
        one.settled()
        one.press("为他们全部开通账号")
        one.choose("角色", "支行负责人")
        one.choose("所属机构", "城北")
        one.tap(page.get_by_role("textbox", name="登录名或工号"))
        one.type_in("head", "周行长")
        one.press("新建账号")
        handed_over = page.get_by_test_id("stCode").inner_text().split()[1]
        one.tap(page.get_by_text("前往导入"))
        one.settle()
        one.tap(page.get_by_text("计划", exact=True).first)
        one.settle()
        one.bring(november)
        one.tap(page.get_by_text("退出", exact=True))
        page.wait_for_url("**/account/**")

        one.sign_in_with("head", handed_over)
        expect(page.locator("#old")).to_be_focused()
        one.type_in(handed_over, OWN, OWN)
        one.press("修改密码")
        one.turn_to("数据", "导入")
        one.bring(november)
        one.turn_to("会议", "早会")
        said = page.locator("body").inner_text()
        assert "102.00 万元\n计划 300.00 万元 的 34.0%" in said
        assert all(name in said for _number, name in STAFF)
        assert one.clicks <= 25
        one.context.close()
