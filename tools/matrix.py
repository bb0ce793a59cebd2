#!/usr/bin/env python3
"""Put the result of a cell into the table of the configurations.

    matrix.py TABLE CELL KEY RESULTS

RESULTS is a directory with summary, as ktap.py prints it, and versions. The table is
in the order of tools/matrix-cells; rows of other cells stay as they are.
"""
import os
import re
import sys
import time

TOOLS = os.path.dirname(os.path.abspath(__file__))
HEAD = """# The series in other configurations

Written by `make matrix`, not by hand. The configurations are in `tools/matrix-cells`
and `kernel-config/`; *state* is the hash of all that a result depends on.

| cell | what | passed | failed | skipped | when | version | state |
|---|---|---|---|---|---|---|---|
"""
TALLY = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", re.M)


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def cells():
    """The cells in their order, with what is done in each"""
    lines = read(os.path.join(TOOLS, "matrix-cells")).splitlines()
    words = [line.split() for line in lines if line and not line.startswith("#")]
    return {word[0]: word[3] for word in words}


def parse(text):
    """The rows of a table and the remarks on the cells, by their names"""
    rows = {line.split()[1]: line for line in text.splitlines()
            if line.startswith("| ") and not line.startswith("| cell |")}
    remarks = {part.split("\n", 1)[0].strip(): part.split("\n", 1)[1].strip("\n")
               for part in text.split("\n### ")[1:]}
    return rows, remarks


def row(cell, key, results):
    """The row of a cell: its counts are the last line of the summary."""
    tally = TALLY.search(read(os.path.join(results, "summary")))
    if not tally:
        sys.exit(f"matrix: {results}/summary has no counts")
    when = time.strftime("%Y-%m-%d %H:%M", time.gmtime())
    version = read(os.path.join(results, "versions")).strip()
    values = [cell, cells()[cell], *tally.groups(), when, version, key]
    return "| " + " | ".join(values) + " |"


def remark(results):
    """What failed and what was skipped, and why"""
    lines = read(os.path.join(results, "summary")).splitlines()[:-1]
    return "\n".join("    " + line for line in lines)


def write(path, rows, remarks):
    order = [cell for cell in cells() if cell in rows]
    text = HEAD + "".join(rows[cell] + "\n" for cell in order)
    missing = [cell for cell in cells() if cell not in rows]
    if missing:
        text += f"\nWithout a result: {', '.join(missing)}.\n"
    notes = [f"\n### {cell}\n\n{remarks[cell]}\n" for cell in order if remarks.get(cell)]
    if notes:
        text += "\n## What failed or was skipped\n" + "".join(notes)
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.rename(path + ".new", path)


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    table, cell, key, results = sys.argv[1:]
    rows, remarks = parse(read(table))
    rows[cell] = row(cell, key, results)
    remarks[cell] = remark(results)
    write(table, rows, remarks)


if __name__ == "__main__":
    main()
