"""Prints what ran in each tier, and fails when anything failed: summary.py REPORTS TIER...

REPORTS has a folder of surefire's reports for each tier that ran, and for each tier asked for a file <tier>.result:
"ended SECONDS", "failed SECONDS [WHY]" (the run itself ended with an error) or "skipped WHY".
"""

import pathlib
import sys
import xml.etree.ElementTree


def counts(folder):
    """Tests that passed, failed and were skipped, and the names of those that failed."""
    passed = failed = skipped = 0
    names = []
    for report in sorted(folder.glob("TEST-*.xml")):
        for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
                names.append(f"{case.get('classname', '').rpartition('.')[2]}.{case.get('name')}")
            elif case.find("skipped") is not None:
                skipped += 1
            else:
                passed += 1
    return passed, failed, skipped, names


def read(reports, tier):
    """A row of the table: tier, passed, failed, skipped, remark; and the names of the tests that failed."""
    state, _, remark = (reports / f"{tier}.result").read_text().strip().partition(" ")
    if state == "skipped":
        return (tier, 0, 0, 1, "NOT RUN: " + remark), []
    seconds, _, why = remark.partition(" ")
    passed, failed, skipped, names = counts(reports / tier)
    if state == "failed" and failed == 0:
        failed, why = 1, why or "the run itself failed, see above"
    elif state == "ended" and passed + failed + skipped == 0:
        failed, why = 1, "no test was found"
    return (tier, passed, failed, skipped, why or f"{seconds} s"), names


def main(reports, tiers):
    rows, failures = [], []
    for tier in tiers:
        row, names = read(reports, tier)
        rows.append(row)
        failures += [f"{tier}: {name}" for name in names]
    print()
    for name in failures:
        print("FAILED", name)
    print(f"{'tier':<12}{'ran':>6}{'failed':>8}{'skipped':>9}  remark")
    for tier, passed, failed, skipped, remark in rows:
        print(f"{tier:<12}{passed + failed:>6}{failed:>8}{skipped:>9}  {remark}")
    passed, failed, skipped = (sum(row[i] for row in rows) for i in (1, 2, 3))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), sys.argv[2:]))
