"""A long write in turns with others: what can be stored in portions is committed in between, wherever somebody waits."""

import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from db.engine import Store, Write
from db.store.connecting import wide_cache

HELD = 2.0  # seconds after which a write is committed in any case,
AWAITED = 0.4  # and after which it is where others wait: whatever they write empties the cache of the indices
PAUSE, LONGEST_PAUSE = 0.05, 0.25  # seconds that others have where there are many of them


@contextmanager
def taken(
    store: Store, opened: Callable[[], AbstractContextManager[Write]], version: int, *, at_leisure: bool = False
) -> Generator[Write]:
    """A write whose `let_others` commits it and opens it anew wherever others wait for their turn: they come first, and
    where they are so many that somebody waits again, they have more and more time. What is done `at_leisure` is committed
    often, and at once where somebody waits. Its rows have the version given."""
    least, most = (0.0, AWAITED) if at_leisure else (AWAITED, HELD)
    with ExitStack() as stack:

        def begin() -> Write:
            write = stack.enter_context(opened())
            stack.enter_context(wide_cache(write.session.connection()))
            return write

        first, began, pause = begin(), time.monotonic(), 0.0

        def let_others() -> None:
            nonlocal began, pause
            held = time.monotonic() - began
            if held < least:
                return
            awaited = store.is_awaited(write.session)
            if not awaited and held < most:
                return
            stack.close()
            time.sleep(pause)
            pause = min(2 * pause or PAUSE, LONGEST_PAUSE) if awaited else 0.0
            write.session, began = begin().session, time.monotonic()

        write = Write(first.session, version, first.account, first.now, let_others=let_others)
        yield write
