"""The first days of a bank: everybody gets an account, and the way to the first morning is shown."""

import polars as pl
import pytest

from dashboard.shell.store import operator
from db.accounts import accounts, sign_in
from db.errors import NotAllowed
from db.people import people
from metrics import periods
from tests.conftest import FRIDAY
from tests.support.builders import BROWSER, EAST, account, bank, head
from tests.support.pages import everything_said, healthy, look


@pytest.fixture
def office(configured, sqlite_store):
    bank(sqlite_store)
    account(sqlite_store, "admin", "administrator")
    configured.database_url = sqlite_store.url
    return sqlite_store


def press(app, label: str):
    return healthy(next(one for one in app.button if one.label == label).click().run())


def test_everybody_in_the_people_file_gets_an_account_at_once(office):
    app = healthy(look("accounts", as_="admin"))
    assert "尚无账号 3 人" in everything_said(app)
    app = press(app, "为他们全部开通账号")
    assert "已开通 3 个账号" in app.success[0].value and "下载密码表" in [
        one.proto.label for one in app.get("download_button")
    ]
    known = accounts.listing(operator(office)).filter(pl.col("role") == "manager")
    assert set(known["login"]) == {"1001", "1002", "1003"}
    app = press(app, "已全部发放")
    assert not app.success and "尚无账号" not in everything_said(app)


def test_the_passwords_on_the_sheet_let_them_in_and_nobody_gets_a_second_account(office):
    viewer = operator(office)
    staff = people.managers(viewer, periods.day(FRIDAY))
    issued = accounts.add_managers(viewer, staff)
    for login, password in issued.select("staff_no", "password").iter_rows():
        assert sign_in.with_password(office, login, password, BROWSER).token
    assert accounts.add_managers(viewer, staff).is_empty()


def test_only_the_administrator_makes_them(office):
    with pytest.raises(NotAllowed):
        accounts.add_managers(head(office, EAST), people.managers(operator(office), periods.day(FRIDAY)))


def test_the_first_steps_are_shown_with_their_state_and_templates(office):
    app = healthy(look("accounts", as_="admin"))
    said = everything_said(app)
    assert "开始使用" in said and said.index("1 导入人员") < said.index("2 导入或设置") < said.index("5 召开第一次早会")
    assert "√ 已完成 1 导入人员" in said and "○ 待办 3 为全员开通账号" in said and "前往导入" in said
    labels = [one.proto.label for one in app.get("download_button")]
    assert "模板：人员" not in labels and {"模板：计划", "模板：活动"} & set(labels)


def test_the_first_steps_are_gone_when_all_are_taken(demo):
    assert "开始使用" not in everything_said(healthy(look("accounts", as_="admin")))
