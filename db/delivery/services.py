"""What each chat service takes, by its own documents; whatever goes out is cut and paced to that."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Service:
    """`text` and `image` are the most bytes of one message, None where a robot takes no picture; `a_minute` messages go
    out in a minute at most, two of them at least `apart`."""

    name: str
    host: str
    text: int
    a_minute: int
    apart: timedelta
    image: int | None = None


# https://developer.work.weixin.qq.com/document/path/91770, https://open.dingtalk.com/document/robots/custom-robot-access,
# https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot; a little below their limits, whose clock is theirs.
SERVICES = {
    one.name: one
    for one in (
        Service("wecom", "qyapi.weixin.qq.com", 2_048, 18, timedelta(seconds=1), image=2 * 1024 * 1024),
        Service("dingtalk", "oapi.dingtalk.com", 6_000, 18, timedelta(seconds=1)),
        Service("feishu", "open.feishu.cn", 6_000, 60, timedelta(seconds=0.5)),
    )
}


def pieces(text: str, most: int) -> list[str]:
    """The text in parts of at most so many bytes of UTF-8, cut between lines where they fit; empty for none."""
    parts, held = [], ""
    for line in text.strip().split("\n"):
        for part in broken(line, most):
            longer = f"{held}\n{part}" if held else part
            if len(longer.encode()) <= most:
                held = longer
            else:
                parts.append(held)
                held = part
    return [one.strip("\n") for one in (*parts, held) if one.strip()]


def broken(line: str, most: int) -> list[str]:
    """A line in parts that fit, no character torn apart."""
    parts, held, size = [], "", 0
    for letter in line:
        width = len(letter.encode())
        if size + width > most:
            parts.append(held)
            held, size = "", 0
        held, size = held + letter, size + width
    return [*parts, held]
