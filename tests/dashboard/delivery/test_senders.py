"""What each service is sent and what its answers mean; where a request may go, and where not."""

import base64
import hashlib
import hmac
import logging
import socket
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard.delivery import post, senders
from dashboard.delivery.post import Unreachable, address_of, send
from db.delivery.sending import ARRIVED, DECLINED, LOST, UNSENT, Claimed, Outcome
from tests.support.chat_receiver import ADDRESSES, DEEDS, Receiver, receiving

MOMENT = 1_795_000_000.5


def claimed(service: str, address: str, secret=None, text="早会纪要", image=None, internal=True) -> Claimed:
    return Claimed(1, "token", service, address, secret, internal, text, image)


def test_wecom_is_sent_plain_text_and_pictures_with_their_md5():
    picture = b"\x89PNG"
    body = senders.wecom_body(None, picture)["image"]
    assert base64.b64decode(body["base64"]) == picture and body["md5"] == hashlib.md5(picture).hexdigest()
    assert senders.wecom_body("<@all>", None) == {"msgtype": "text", "text": {"content": "<@all>"}}


def test_dingtalk_signs_in_its_address():
    address, more = senders.dingtalk_sign("https://oapi.dingtalk.com/robot/send?access_token=a", "SECabc", MOMENT)
    asked = parse_qs(urlsplit(address).query)
    wanted = hmac.new(b"SECabc", b"1795000000500\nSECabc", hashlib.sha256).digest()
    assert more == {} and asked["access_token"] == ["a"] and asked["timestamp"] == ["1795000000500"]
    assert base64.b64decode(asked["sign"][0]) == wanted


def test_feishu_signs_in_its_body_and_calls_nobody():
    address, more = senders.feishu_sign("https://open.feishu.cn/open-apis/bot/v2/hook/a", "abc", MOMENT)
    assert address.endswith("/a") and more["timestamp"] == "1795000000"
    assert base64.b64decode(more["sign"]) == hmac.new(b"1795000000\nabc", b"", hashlib.sha256).digest()
    assert "<at" not in str(senders.feishu_body('<at user_id="all">所有人</at>', None))


@pytest.mark.parametrize(
    ("service", "status", "body", "what"),
    [
        ("wecom", 200, b'{"errcode":0,"errmsg":"ok"}', Outcome(ARRIVED, "0")),
        ("wecom", 200, b'{"errcode":45009,"errmsg":"freq out of limit"}', Outcome(DECLINED, "45009")),
        ("dingtalk", 200, b'{"errcode":310000,"errmsg":"sign not match"}', Outcome(DECLINED, "310000")),
        ("feishu", 200, b'{"StatusCode":0,"StatusMessage":"success"}', Outcome(ARRIVED, "0")),
        ("feishu", 200, b'{"code":0,"data":{},"msg":"success"}', Outcome(ARRIVED, "0")),
        ("feishu", 400, b'{"code":9499,"msg":"Bad Request"}', Outcome(DECLINED, "9499")),
        ("wecom", 429, b"slow down", Outcome(DECLINED, "HTTP 429")),
        ("wecom", 302, b"", Outcome(DECLINED, "HTTP 302")),
        ("wecom", 200, b"<html>Welcome</html>", Outcome(LOST, "HTTP 200")),
        ("wecom", 200, b'{"errcode":"0"}', Outcome(LOST, "HTTP 200")),
        ("wecom", 502, b'{"errcode":0}', Outcome(LOST, "0")),
        ("dingtalk", 504, b"", Outcome(LOST, "HTTP 504")),
        ("dingtalk", 200, b"[0]", Outcome(LOST, "HTTP 200")),
        ("dingtalk", 200, b"\xff\xfe", Outcome(LOST, "HTTP 200")),
    ],
)
def test_only_the_services_own_nought_says_that_it_arrived(service, status, body, what):
    assert senders.answered(service, status, body) == what


@pytest.mark.parametrize("service", ADDRESSES)
def test_whatever_becomes_of_a_request_is_known_for_what_it_is(service, monkeypatch):
    monkeypatch.setattr(post, "ANSWER", 0.3)
    deeds = iter(DEEDS)
    receiver = Receiver(lambda: next(deeds))
    with receiving(receiver) as host:
        address = f"http://{host}{ADDRESSES[service].format('k')}"
        found = {deed: send(claimed(service, address, "secret")).what for deed in DEEDS}
    assert found == {
        "fine": ARRIVED,
        "slow": ARRIVED,
        "no": DECLINED,
        "busy": DECLINED,
        "taken, lost": LOST,
        "broken, lost": LOST,
        "silent, lost": LOST,
        "gateway, lost": LOST,
        "elsewhere": DECLINED,
    }
    assert sum(receiver.deeds.values()) == len(DEEDS), "nothing is followed"
    assert send(claimed(service, address)).what == UNSENT, "nobody listens there any more"


def looks_up(*addresses: str):
    return lambda host, port, **_options: [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses
    ]


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "100.64.0.1", "::1", "fd00::1", "::ffff:10.0.0.1", "0.0.0.0", "224.0.0.1", "2002:0a00:0001::"],
)  # fmt: skip
def test_a_name_that_leads_into_the_banks_network_is_not_connected_to(address, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", looks_up("8.8.8.8", address))
    with pytest.raises(Unreachable):
        address_of("robot.example.com", 443, internal=False)
    outcome = send(claimed("wecom", "https://robot.example.com/send?key=k", internal=False))
    assert outcome == Outcome(UNSENT, "private address")
    assert address_of("robot.example.com", 443, internal=True) == "8.8.8.8"


def test_what_was_looked_up_is_what_is_connected_to(monkeypatch):
    """The name is asked for once: a second answer could lead elsewhere."""
    asked, receiver = [], Receiver()
    with receiving(receiver) as host:
        port = int(host.split(":")[1])
        real = socket.getaddrinfo

        def once(name, *given, **options):
            asked.append(name)
            return real("127.0.0.1" if name == "robot.bank" else name, *given, **options)

        monkeypatch.setattr(socket, "getaddrinfo", once)
        assert send(claimed("wecom", f"http://robot.bank:{port}/cgi-bin/webhook/send?key=k")).what == ARRIVED
    assert asked.count("robot.bank") == 1 and receiver.paths == ["/cgi-bin/webhook/send?key=k"]


def test_no_log_line_holds_the_key(caplog):
    caplog.set_level(logging.DEBUG, "chenxi")
    with caplog.at_level(logging.DEBUG), receiving(Receiver()) as host:
        send(claimed("wecom", f"http://{host}/cgi-bin/webhook/send?key=SECRETKEY"))
    assert "SECRETKEY" not in caplog.text and "SECRETKEY" not in repr(claimed("wecom", "https://x/?key=SECRETKEY"))
