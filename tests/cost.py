"""What work costs as its size grows: a ratio of processor times in one run, never seconds to be kept."""

import gc
import time
from collections.abc import Callable

# Eight times the size is eight times the work, or somewhat more; each pair of all would be sixty-four times.
TIMES = 8
MOST = 24
# Less than this a clock does not tell from what else the machine does.
_LEAST_SECONDS = 0.02


def assert_linear(run: Callable[[int], object], size: int) -> None:
    """Assert that eight times the size takes less than 24 times the processor time, with all warm.

    Args:
        run: does the work for a size.
        size: the smaller one; work that is done too fast to be measured is done again and again.
    """
    run(size // TIMES)
    again = 1
    while seconds(run, size, again) < _LEAST_SECONDS:
        again *= 2
    small = min(seconds(run, size, again) for _ in range(3)) / again
    fewer = max(again // TIMES, 1)
    large = min(seconds(run, size * TIMES, fewer) for _ in range(3)) / fewer
    assert large < MOST * small, f"{small:.6f} s for {size:,}, {large:.6f} s for {size * TIMES:,}"


def seconds(run: Callable[[int], object], size: int, times: int = 1) -> float:
    """Give the processor time of this process that the work takes if it is done so many times."""
    # What other tests have left behind is gone through by the collector, however little is done here.
    gc.disable()
    try:
        before = time.process_time()
        for _ in range(times):
            run(size)
        return time.process_time() - before
    finally:
        gc.enable()
