"""What work costs as its size grows: a ratio of processor times in one run, never seconds to be kept."""

import gc
import time
from collections.abc import Callable

# Eight times the size is eight times the work, or somewhat more; each pair of all would be sixty-four times.
TIMES = 8
MOST = 24


def assert_linear(run: Callable[[int], object], size: int) -> None:
    """Assert that eight times the size takes less than 24 times the processor time, with all warm.

    Args:
        run: does the work for a size.
        size: the smaller one, which should take some hundredths of a second.
    """
    run(size // TIMES)
    small = min(seconds(run, size) for _ in range(3))
    large = min(seconds(run, size * TIMES) for _ in range(2))
    assert large < MOST * small, f"{small:.3f} s for {size:,}, {large:.3f} s for {size * TIMES:,}"


def seconds(run: Callable[[int], object], size: int) -> float:
    """Give the processor time of this process that the work takes."""
    # What other tests have left behind is gone through by the collector, however little is done here.
    gc.disable()
    try:
        before = time.process_time()
        run(size)
        return time.process_time() - before
    finally:
        gc.enable()
