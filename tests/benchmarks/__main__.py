"""``make bench``: all benchmarks, or the named ones (``make bench ARGS=fairness``)."""

from __future__ import annotations

import sys

from tests.benchmarks import accept, draining, fairness, latency, rate_limit, road

BENCHMARKS = {
    "latency": latency,
    "rate_limit": rate_limit,
    "road": road,
    "fairness": fairness,
    "accept": accept,
    "draining": draining,
}

if __name__ == "__main__":
    for name in sys.argv[1:] or BENCHMARKS:
        print(BENCHMARKS[name].run(), flush=True)
