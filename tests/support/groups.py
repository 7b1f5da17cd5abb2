"""Chat groups and messages as they are stored."""

from datetime import datetime

from db.models import Channel, Message
from tests.support.builders import MONDAY


def group(identity: int, branch: int, name: str, host: str = "qyapi.weixin.qq.com", **columns) -> Channel:
    """A group that is on, whose robot has a key of its own."""
    address = f"https://{host}/cgi-bin/webhook/send?key={identity}"
    usual = {"service": "wecom", "secret": None, "is_on": True, "kind": None, "at": None}
    places = {
        "id": identity,
        "branch_id": branch,
        "name": name,
        "host": host,
        "address": address,
        "digest": str(identity),
    }
    return Channel(**usual | places | columns)


def message(identity: int, channel: int, status: str, at: datetime, **columns) -> Message:
    """A text queued at that moment."""
    usual = {
        "kind": "evening",
        "day": MONDAY,
        "text": "夕会纪要",
        "digest": "0" * 64,
        "attempts": 0,
        "queued_by": "head",
    }
    moments = {"next_at": at, "queued_at": at}
    return Message(**usual | moments | {"id": identity, "channel_id": channel, "status": status} | columns)
