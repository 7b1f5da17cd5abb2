"""What each chat service wants to be sent and what it answers: body, signature, error code. No network here."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from db.delivery.sending import ARRIVED, DECLINED, LOST, Claimed, Outcome

Signed = tuple[str, dict[str, object]]  # the address, and what the body has on top


@dataclass(frozen=True)
class Sender:
    """`body` of a text or a picture; `sign` with the robot's secret at a moment (seconds since 1970); `codes` are the
    names of the number in the answer that is 0 when the message has arrived."""

    body: Callable[[str | None, bytes | None], dict[str, object]]
    sign: Callable[[str, str, float], Signed]
    codes: tuple[str, ...]


def wecom_body(text: str | None, image: bytes | None) -> dict[str, object]:
    """Plain text: in Markdown what somebody typed could call the whole group."""
    if image is not None:
        encoded = {"base64": base64.b64encode(image).decode(), "md5": hashlib.md5(image).hexdigest()}
        return {"msgtype": "image", "image": encoded}
    return {"msgtype": "text", "text": {"content": text or ""}}


def wecom_sign(address: str, _secret: str, _moment: float) -> Signed:
    """Its robots have a key in the address, and no secret."""
    return address, {}


def dingtalk_body(text: str | None, _image: bytes | None) -> dict[str, object]:
    return {"msgtype": "text", "text": {"content": text or ""}, "at": {"isAtAll": False}}


def dingtalk_sign(address: str, secret: str, moment: float) -> Signed:
    stamp = str(round(moment * 1000))
    mark = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    signature = urlencode({"timestamp": stamp, "sign": base64.b64encode(mark).decode()})
    return f"{address}{'&' if '?' in address else '?'}{signature}", {}


def feishu_body(text: str | None, _image: bytes | None) -> dict[str, object]:
    """Without signs that would be read as a tag: `<at user_id="all">` calls the whole group."""
    return {"msg_type": "text", "content": {"text": (text or "").replace("<", "＜").replace(">", "＞")}}


def feishu_sign(address: str, secret: str, moment: float) -> Signed:
    stamp = str(int(moment))
    mark = hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return address, {"timestamp": stamp, "sign": base64.b64encode(mark).decode()}


SENDERS = {
    "wecom": Sender(wecom_body, wecom_sign, ("errcode",)),
    "dingtalk": Sender(dingtalk_body, dingtalk_sign, ("errcode",)),
    "feishu": Sender(feishu_body, feishu_sign, ("code", "StatusCode")),
}


def request(claimed: Claimed, moment: float) -> tuple[str, bytes]:
    """Address and body of the request."""
    sender = SENDERS[claimed.service]
    body, address = sender.body(claimed.text, claimed.image), claimed.address
    if claimed.secret:
        address, more = sender.sign(address, claimed.secret, moment)
        body = more | body
    return address, json.dumps(body, ensure_ascii=False).encode()


def answered(service: str, status: int, body: bytes) -> Outcome:
    """What an answer means. Only the service's own 0 says that the message has arrived; an error of the way there, or an
    answer without a number, leaves it open."""
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if isinstance(found, dict):
        for name in SENDERS[service].codes:
            code = found.get(name)
            if isinstance(code, int) and not isinstance(code, bool):
                arrived = code == 0 and 200 <= status < 300
                return Outcome(ARRIVED if arrived else LOST if code == 0 else DECLINED, str(code))
    return Outcome(DECLINED if 300 <= status < 500 else LOST, f"HTTP {status}")
