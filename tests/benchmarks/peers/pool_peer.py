"""Python's multiprocessing.Pool. Reads `map N`, answers the seconds in which 2 warm processes double the numbers below N."""

import multiprocessing
import sys
import time


def double(number):
    return 2 * number


if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool:
        pool.map(double, range(1000))
        for line in sys.stdin:
            count = int(line.split()[1])
            started = time.perf_counter()
            results = pool.map(double, range(count))
            elapsed = time.perf_counter() - started
            assert len(results) == count and results[-1] == 2 * (count - 1)
            print(elapsed, flush=True)
