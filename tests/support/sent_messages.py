"""What the server sends to a browser, byte by byte: nothing of it may be of another place, shown or not."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from google.protobuf import text_format
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.media_file_manager import MediaFileManager

ESCAPED = re.compile(rb"\\u([0-9a-fA-F]{4})")  # how JSON may write what is not ASCII
# Made anew in every session: the ids of widgets, of forms, and of files to be downloaded.
MADE_UP = re.compile(r'(\b(?:id|form_id|deferred_file_id|url|fragment_id): "[^"]*")|\$\$[\w-]+|[0-9a-f]{32,64}')


class Wire:
    """The messages of the runs since `clear`, and the files they offer."""

    def __init__(self):
        self.messages: list = []
        self.files: list[Callable[[], bytes]] = []

    def clear(self) -> None:
        self.messages.clear()
        self.files.clear()

    def sent(self) -> bytes:
        """Everything, as one piece in which words can be looked for."""
        whole = b"\n".join(message.SerializeToString() for message in self.messages)
        return ESCAPED.sub(lambda found: chr(int(found[1], 16)).encode("utf-8", "surrogatepass"), whole)

    def shown(self, **link: str) -> str:
        """What the page says, for comparing one run with another: without the ids of its widgets, and without what the
        link named, which stands in the page's own links again."""
        deltas = [message for message in self.messages if message.WhichOneof("type") == "delta"]
        text = "\n".join(text_format.MessageToString(one.delta, as_utf8=True) for one in deltas)
        text = MADE_UP.sub("·", text)
        for name, value in link.items():
            text = re.sub(rf"\b{re.escape(name)}={re.escape(value)}\b", f"{name}=·", text)
        return text


@contextmanager
def listening() -> Iterator[Wire]:
    wire = Wire()
    with pytest.MonkeyPatch.context() as patch:
        send, offer = ForwardMsgQueue.enqueue, MediaFileManager.add_deferred

        def enqueue(queue, message):
            wire.messages.append(message)
            return send(queue, message)

        def add_deferred(manager, made, *given, **options):
            wire.files.append(made)
            return offer(manager, made, *given, **options)

        patch.setattr(ForwardMsgQueue, "enqueue", enqueue)
        patch.setattr(MediaFileManager, "add_deferred", add_deferred)
        yield wire
