"""The command line of every simulator: say where it listens, then serve until told to stop."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any


def run(description: str, start: Callable[[int], Any]) -> None:
    """Print one JSON line with the address when ready; end on SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, default=0, help="where to listen on loopback; 0 takes a free one")
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    simulator = start(parser.parse_args().port)
    sys.stdout.write(json.dumps({"url": simulator.url}) + "\n")
    sys.stdout.flush()
    ended.wait()
    simulator.stop()
