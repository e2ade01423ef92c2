"""How well the grounding check finds planted faults: ``python -m tests.bridge.ai.faults``."""

from __future__ import annotations

import sys
from collections import Counter

from tests.bridge.ai.faults import Case, cases


def main() -> None:
    """A table by kind and language, both halves, and every text that was judged wrongly."""
    found: Counter[tuple[str, str]] = Counter()
    all_of: Counter[tuple[str, str]] = Counter()
    wrong: list[tuple[str, Case, str]] = []
    for case in cases():
        findings = case.findings()
        for key in ((case.kind or "honest", case.locale), ("fault" if case.kind else "honest", case.half)):
            all_of[key] += 1
            found[key] += bool(findings)
        if bool(findings) != bool(case.kind):
            said = "; ".join(each.text() for each in findings)
            wrong.append(("false alarm" if findings else f"missed {case.kind} “{case.words}”", case, said))
    for key in sorted(all_of):
        sys.stdout.write(f"{key[0]:14} {key[1]:8} {found[key]:4} of {all_of[key]:4} raised a finding\n")
    faults = [number for (kind, half), number in all_of.items() if kind == "fault"]
    caught = [number for (kind, half), number in found.items() if kind == "fault"]
    alarms = sum(number for (kind, half), number in found.items() if kind == "honest" and half in ("tuning", "sealed"))
    honest = sum(number for (kind, half), number in all_of.items() if kind == "honest" and half in ("tuning", "sealed"))
    sys.stdout.write(f"\nfound {sum(caught) / sum(faults):.1%} of {sum(faults)} faults, ")
    sys.stdout.write(f"{alarms / honest:.1%} false alarms on {honest} honest texts\n\n")
    for what, case, said in sorted(wrong, key=lambda each: (each[1].half, each[0])):
        sys.stdout.write(f"{case.half:7} {case.locale} {what}: {case.text} [{case.product}] {said}\n")


if __name__ == "__main__":
    main()
