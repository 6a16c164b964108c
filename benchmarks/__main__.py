"""``make bench``: the portal beside the limit (plain SQL, COPY), in the same run, as ratios. Not a timed test."""

import gc
import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
os.environ["CHISHANG_DATA"] = str(ROOT / "var" / "bench")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chishang.settings")


def main() -> None:
    """Set up a fresh database with the demonstration ledgers and run every benchmark."""
    shutil.rmtree(ROOT / "var" / "bench" / "postgres", ignore_errors=True)
    import django

    django.setup()
    from django.core.management import call_command

    from benchmarks import issue_list, ledger, report

    call_command("migrate", verbosity=0)
    gc.freeze()  # as ``manage.py serve`` does
    print(f"{'':34}{'portal':>10}{'limit':>10}{'ratio':>8}{'aim':>7}")
    for benchmark in (ledger.members, ledger.visits, ledger.funds, ledger.discipline, report.run, issue_list.run):
        name, ours, limit, aim = benchmark()
        print(f"{name:34}{ours * 1000:8.1f}ms{limit * 1000:8.1f}ms{ours / limit:7.1f}x{aim:>7}")


if __name__ == "__main__":
    main()
