"""A server that gives up waiting after a moment: run as `python tests/support/processes/impatient.py URL PORT`. Nothing
else of it is another than the product's."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from dashboard.web.incoming import bodies, connections
from dashboard.web.server import serve

if __name__ == "__main__":
    connections.HEAD = bodies.SLOWEST = 1.0
    serve(sys.argv[1], "127.0.0.1", int(sys.argv[2]), demo=True)
