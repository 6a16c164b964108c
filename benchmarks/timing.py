"""How long one call takes: the median of several, after a warm-up."""

import gc
import statistics
import time
from collections.abc import Callable
from typing import Any


def once(call: Callable[[], Any]) -> float:
    """Seconds of one call."""
    gc.collect()
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def in_turn(ours: Callable[[], Any], limit: Callable[[], Any], *, runs: int = 15) -> tuple[float, float]:
    """Median seconds of both, called in turn, so that a slow moment of the machine hits both."""
    ours(), limit()
    pairs = [(once(ours), once(limit)) for _ in range(runs)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)
