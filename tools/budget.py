#!/usr/bin/env python3
"""The size of the series, against its budgets: lines of the new files of the kernel, net
lines of kernel/kthread.c, lengths of functions, changed lines of each patch.

    budget.py PATCH...    prints TAP; $tree has the tree with all of them
"""
import collections
import os
import re
import statistics
import sys

PATCHES, CHANGED, SOFT = 24, 400, 600    # SOFT: tests and documents
NEW_FILES, NEW_FILE, GROWTH = 2400, 600, 100
FUNCTION, MEDIAN = 60, 12

OWN = re.compile(r"kernel/kthread(_\w+)?\.[ch]$")


def changed_lines(path):
    """Of a patch: {file: (added, removed)}"""
    lines, name, body = collections.defaultdict(lambda: [0, 0]), None, False
    with open(path, errors="replace") as file:
        for line in file:
            if line.startswith("diff --git "):
                name, body = line.split(" b/", 1)[1].strip(), False
            elif line.startswith("-- "):
                body = False
            elif name and line.startswith("@@"):
                body = True
            elif body and line[0] in "+-":
                lines[name][line[0] == "-"] += 1
    return lines


def is_soft(name):
    return name.startswith(("Documentation/", "tools/testing/", "samples/")) or "kunit" in name


def functions(path):
    """Lengths of the functions of a C file, from their names to their closing brackets"""
    start = None
    with open(path) as file:
        for number, line in enumerate(file):
            if re.match(r"[a-z].*\(", line) and not line.rstrip().endswith(";"):
                start = number
            elif line.startswith("}") and start is not None:
                yield number - start + 1, path, start + 1
                start = None
            elif re.match(r"[a-z#}]", line) and not re.match(r"[a-z].*\(", line):
                start = None


def measure(tree, patches):
    """A list of (what was measured, is it within its budget)"""
    total, results = collections.Counter(), []

    for path in patches:
        lines = changed_lines(path)
        for name, (added, removed) in lines.items():
            total[name] += added - removed
        code = sum(sum(count) for name, count in lines.items() if not is_soft(name))
        soft = sum(sum(count) for name, count in lines.items() if is_soft(name))
        results.append((f"{os.path.basename(path)[:4]}: {code} changed lines of code, "
                        f"{soft} of tests and documents", code <= CHANGED and soft <= SOFT))
    results.append((f"{len(patches)} patches", len(patches) <= PATCHES))
    growth = total.pop("kernel/kthread.c", 0)
    results.append((f"kernel/kthread.c: {growth:+} lines", growth <= GROWTH))
    new = {name: count for name, count in total.items()
           if OWN.match(name) and "kunit" not in name}
    for name, count in sorted(new.items()):
        results.append((f"{name}: {count} lines", count <= NEW_FILE))
    results.append((f"the new files together: {sum(new.values())} lines",
                    sum(new.values()) <= NEW_FILES))
    lengths = [one for name in new for one in functions(os.path.join(tree, name))]
    for length, path, line in lengths:
        if length > FUNCTION:
            results.append((f"{os.path.relpath(path, tree)}:{line}: a function of {length} lines",
                            False))
    if lengths:
        median = statistics.median(length for length, _, _ in lengths)
        results.append((f"the median of {len(lengths)} functions: {median:g} lines",
                        median <= MEDIAN))
    return results


def main():
    results = measure(os.environ["tree"], sys.argv[1:])
    for number, (text, good) in enumerate(results, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {text}")
    print(f"1..{len(results)}")
    return not all(good for _, good in results)


if __name__ == "__main__":
    sys.exit(main())
