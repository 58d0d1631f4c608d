"""Prints what ran in each tier, and fails when anything failed: summary.py REPORTS TIER...

REPORTS has a folder of surefire's reports for each tier that ran, and for each tier asked for a file <tier>.result:
"ended SECONDS", "failed SECONDS [WHY]" (the run itself ended with an error) or "skipped WHY".
"""

import pathlib
import sys
import xml.etree.ElementTree


# Characters of a failure's message that are printed: whole objects stand in some.
SHOWN = 600


def told(problem):
    """Where a test failed, and the beginning of what it said, in one line."""
    frames = (line.strip() for line in (problem.text or "").splitlines())
    frame = next((line for line in frames if line.startswith("at io.urvpn.") and ".java:" in line), "")
    said = " ".join((problem.get("message") or problem.get("type", "")).split())
    return f"{frame[frame.rfind('('):]} {said[:SHOWN]}".strip()


def counts(folder):
    """Tests that passed, failed and were skipped, and the names of those that failed with what they said."""
    passed = failed = skipped = 0
    names = []
    for report in sorted(folder.glob("TEST-*.xml")):
        for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
            problem = case.find("failure")
            if problem is None:
                problem = case.find("error")
            if problem is not None:
                failed += 1
                names.append(f"{case.get('classname', '').rpartition('.')[2]}.{case.get('name')} {told(problem)}")
            elif case.find("skipped") is not None:
                skipped += 1
            else:
                passed += 1
    return passed, failed, skipped, names


def read(reports, tier):
    """A row of the table: tier, passed, failed, skipped, remark; and the tests that failed, each with what it said."""
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
