"""Celery's caller. Reads `call N` (answers the median milliseconds of N calls, one at a time) and `jobs N` (answers the seconds of N jobs at once)."""

import statistics
import sys
import time

from tasks import double


def call(count):
    times = []
    for number in range(count):
        started = time.perf_counter()
        assert double.delay(number).get() == 2 * number
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def jobs(count):
    started = time.perf_counter()
    results = [double.delay(number) for number in range(count)]
    assert sum(result.get() for result in results) == count * (count - 1)
    return time.perf_counter() - started


for line in sys.stdin:
    verb, count = line.split()
    print({"call": call, "jobs": jobs}[verb](int(count)), flush=True)
