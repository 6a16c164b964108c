"""What the tests of faults add up: told at the end of the run, whichever process ran them."""

from collections import Counter
from typing import Any

import pytest

NAMES = ("operations", "faults", "lost", "doubled")
IN_WORDS = "{operations} operations sent, {faults} faults injected, {lost} lost, {doubled} doubled"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Write one line, when a test of faults has run."""
    reports = [one for name in ("passed", "failed") for one in terminalreporter.stats.get(name, [])]
    sums: Counter[str] = Counter()
    for report in reports:
        if isinstance(report, pytest.TestReport):
            sums.update({name: value for name, value in report.user_properties if name in NAMES})
    if sums["operations"]:
        terminalreporter.write_line(IN_WORDS.format_map({name: sums[name] for name in NAMES}))
