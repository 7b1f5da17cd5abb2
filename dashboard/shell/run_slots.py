"""How many pages run at a time. They share one core: 200 that open at once would each take 200 times as long, and leave the
sockets, an entry on its way among them, next to nothing."""

import threading

AT_ONCE = 8  # some wait for the database meanwhile
SLOT = threading.BoundedSemaphore(AT_ONCE)
