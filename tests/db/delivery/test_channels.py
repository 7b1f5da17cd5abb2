"""Nothing leaves the bank before an administrator has named the host; what a robot is reached by is never shown again."""

from datetime import time

import pytest
from sqlalchemy import select

from dashboard.shell.store import operator
from db.delivery import channels
from db.delivery.channels import Robot
from db.errors import NotAllowed, Refused
from db.models import Audit, Channel
from tests.support.builders import EAST, SOUTH, bank, head, manager, signed_in
from tests.support.sheets import held_values

HOST = "qyapi.weixin.qq.com"
KEY, SECRET = "693a91f6-7xxx", "SEC0123456789"
ADDRESS = f"https://{HOST}/cgi-bin/webhook/send?key={KEY}"
ROBOT = Robot("wecom", "东湖支行群", address=ADDRESS, secret=SECRET)


def written(store) -> list:
    """All that the trail says."""
    with store.reading() as connection:
        return [tuple(row) for row in connection.execute(select(Audit.__table__))]


@pytest.fixture
def store(store):
    return bank(store)


@pytest.mark.both_engines
def test_a_group_is_added_only_after_its_host_was_allowed(store):
    with pytest.raises(Refused, match="administrator"):
        channels.add(head(store), EAST, ROBOT)
    channels.allow(signed_in(store, "administrator"), HOST)
    one = channels.add(head(store), EAST, ROBOT)
    (row,) = channels.listing(head(store)).to_dicts()
    assert (row["channel"], row["host"], row["has_secret"], row["allowed"]) == (one, HOST, True, True)
    channels.forbid(operator(store), HOST)
    assert channels.listing(head(store))["allowed"].to_list() == [False] and channels.hosts(head(store)).is_empty()


def test_only_the_administrator_allows_hosts_and_a_head_sets_their_own_groups(store):
    for who in (head(store), manager(store)):
        with pytest.raises(NotAllowed):
            channels.allow(who, HOST)
    channels.allow(operator(store), HOST)
    for who, branch in ((head(store), SOUTH), (manager(store), EAST)):
        with pytest.raises(NotAllowed):
            channels.add(who, branch, ROBOT)
    one = channels.add(head(store), EAST, ROBOT)
    with pytest.raises(NotAllowed):
        channels.change(head(store, SOUTH), one, Robot("wecom", "别人的群"))
    assert channels.listing(head(store, SOUTH)).is_empty()


@pytest.mark.both_engines
def test_neither_address_nor_secret_is_shown_or_written_to_the_trail(store):
    channels.allow(operator(store), HOST)
    one = channels.add(head(store), EAST, ROBOT)
    channels.change(
        head(store), one, Robot("wecom", "新名", True, f"{ADDRESS}2", f"{SECRET}2", "evening", time(18, 30))
    )
    shown = repr(channels.listing(operator(store)).to_dicts()) + repr(written(store))
    assert "新名" in shown and KEY not in shown and SECRET not in shown
    for wrong in (f"{ADDRESS} ", f"ftp://x/{KEY}", f"https://u:{KEY}@{HOST}/send", f"https://{KEY}.example/x"):
        with pytest.raises(Refused) as refused:
            channels.add(head(store, SOUTH), SOUTH, Robot("dingtalk", "群", address=wrong))
        assert KEY not in repr(refused.value.values) or KEY in wrong.split("/")[2]


def test_what_is_not_given_stays_and_an_empty_secret_takes_it_away(store):
    channels.allow(operator(store), HOST)
    one = channels.add(head(store), EAST, ROBOT)
    channels.change(head(store), one, Robot("wecom", "东湖支行群", is_on=False))
    assert held_values(store, Channel.address, Channel.secret, Channel.is_on) == {(ADDRESS, SECRET, False)}
    channels.change(head(store), one, Robot("wecom", "东湖支行群", secret=""))
    assert held_values(store, Channel.address, Channel.secret) == {(ADDRESS, None)}


@pytest.mark.parametrize(
    "address",
    [
        "",
        "693a91f6",
        f"http://{HOST}/cgi-bin/webhook/send?key=1",
        f"https://{HOST}",
        f"https://{HOST}/",
        f"https://{HOST}:8443/send?key=1",
        f"https://{HOST}.evil.example/send?key=1",
        f"https://{HOST}@evil.example/send?key=1",
        f"https://evil.example/https://{HOST}/send",
        f"https://{HOST}\\@evil.example/send",
        f"https://{HOST}/send?key=1\nHost: evil",
        "https://127.0.0.1/send?key=1",
        "https://[::1]/send?key=1",
        f"https://{HOST}:99999/send",
        "file:///etc/passwd",
        "https://oapi.dingtalk.com/robot/send?access_token=1",
        f"https://{HOST}。evil.example/x",
    ],
)
def test_an_address_that_leads_elsewhere_is_refused(store, address):
    channels.allow(operator(store), HOST)
    channels.allow(operator(store), "oapi.dingtalk.com")
    with pytest.raises(Refused):
        channels.add(head(store), EAST, Robot("wecom", "群", address=address))
    assert channels.listing(operator(store)).is_empty()


def test_two_groups_never_share_a_robot(store):
    channels.allow(operator(store), HOST)
    channels.add(head(store), EAST, ROBOT)
    with pytest.raises(Refused, match="another group"):
        channels.add(head(store, SOUTH), SOUTH, ROBOT)


@pytest.mark.parametrize("host", ["", "https://x.example", "x.example/", "a@b", "x y", "x.example:0", "x.example:443"])
def test_what_is_no_host_is_not_allowed(store, host):
    with pytest.raises(Refused):
        channels.allow(operator(store), host)


def test_a_host_of_the_banks_own_may_speak_http(store):
    channels.allow(operator(store), "10.1.2.3:8080", internal=True)
    assert channels.add(head(store), EAST, Robot("wecom", "群", address="http://10.1.2.3:8080/send?key=1"))
    channels.allow(operator(store), "10.1.2.3:8080", internal=False)
    assert channels.hosts(head(store)).rows() == [("10.1.2.3:8080", False)]
