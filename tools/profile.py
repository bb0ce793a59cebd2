#!/usr/bin/env python3
"""Print in which functions the instructions of a work were executed.

    profile.py WORK NUMBER COLUMN [COLUMN] DIR

DIR/COLUMN is from tools/profile.sh. A line is instructions per call and function, the
most first; with two columns, how many more or fewer there are in the second.
"""
import bisect
import os
import sys

from bench_figures import UNTIMED, lines_of

LEAST = 0.5     # per call


def symbols(path):
    """Addresses, and the names that begin there."""
    known = {}
    for line in lines_of(path):
        address, kind, name = line.split()
        if kind in "tTwW":
            known[int(address, 16)] = name
    return list(known), list(known.values())


def calls(path, work):
    """How many there were, with those that were not timed."""
    for line in lines_of(path):
        words = line.split()
        if words[:2] == ["work", work]:
            return (int(words[2]) + UNTIMED) * int(words[3])
    sys.exit(f"profile: {path} has no work {work}")


def per_function(directory, work, number):
    addresses, names = symbols(os.path.join(directory, "symbols"))
    times = calls(os.path.join(directory, "figures"), work)
    counts = {}
    for line in lines_of(os.path.join(directory, f"count.{number}")):
        address, count = (int(word, 16) for word in line.split())
        place = bisect.bisect(addresses, address) - 1
        name = names[place]
        counts[name] = counts.get(name, 0) + count / times
    return counts


def main():
    if len(sys.argv) not in (5, 6):
        sys.exit(__doc__)
    work, number, *columns, directory = sys.argv[1:]
    profiles = [per_function(os.path.join(directory, column), work, number)
                for column in columns]
    before = profiles[0] if len(profiles) == 2 else {}
    after = profiles[-1]
    more = {name: after.get(name, 0) - before.get(name, 0) for name in {**before, **after}}
    print(f"{sum(more.values()):+12,.1f}  all of {' -> '.join(columns)}, {work}, per call")
    for name in sorted(more, key=more.get, reverse=True):
        if abs(more[name]) >= LEAST:
            print(f"{more[name]:+12,.1f}  {name}")


if __name__ == "__main__":
    main()
