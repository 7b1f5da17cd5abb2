"""Who has no session is answered at a pace, address by address: however many threads ask there without end, the server is
left to those who work. A branch behind one address that signs in at once does not notice."""

import asyncio
import time

RATE, AT_ONCE = 30.0, 60  # requests a second of an address, and how many come at once before they wait
LONGEST = 2.0  # seconds that one waits for its turn; who would wait longer is refused then
MOST = 10_000  # addresses that are counted; more than those at a time share one count
SHARED = ""


class Pace:
    """By address, the moment up to which what was asked for takes at that rate."""

    def __init__(self) -> None:
        self.taken: dict[str, float] = {}

    def wait(self, address: str, now: float) -> float | None:
        """Seconds until it is this one's turn, 0 where that is now; None where it would be too long."""
        if address not in self.taken and len(self.taken) >= MOST:
            self.taken = {one: until for one, until in self.taken.items() if until > now}
            address = address if len(self.taken) < MOST else SHARED
        until = max(self.taken.get(address, now), now)
        wait = max(0.0, round(until - now - (AT_ONCE - 1) / RATE, 6))
        if wait > LONGEST:
            return None
        self.taken[address] = until + 1 / RATE
        return wait


PACE = Pace()


async def turn(address: str) -> bool:
    """Waits for it. False where it would be too long: then too the answer is not given at once."""
    wait = PACE.wait(address, time.monotonic())
    await asyncio.sleep(LONGEST if wait is None else wait)
    return wait is not None
