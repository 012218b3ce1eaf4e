# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make demo`: one upgrade from 1.4.2 to 1.5.0 on the running sandbox, shown as a person would see it."""

from __future__ import annotations

import subprocess
import sys

from tests.support.playbook import ROOT, command, environment
from tests.support.sandbox import Sandbox

START, TARGET = "1.4.2", "1.5.0"


def main() -> int:
    sandbox = Sandbox()
    if sandbox.version() != START:
        print(f"demo: back to a clean {START}", flush=True)
        sandbox.reset()
    print(f"demo: what the plan for {TARGET} asks is answered, as a person would after reading", flush=True)
    acks = sandbox.acks(TARGET)
    argv = command("upgrade", {"ampora_target_version": TARGET, "ampora_acks": acks}, files=(sandbox.vars_file,))
    print(f"demo: {' '.join(argv)}", flush=True)
    status = subprocess.run(argv, cwd=ROOT / ".sandbox", env=environment(), check=False).returncode
    print(f"demo: {'done' if status == 0 else 'failed'}; the report is {sandbox.reports / 'latest' / 'report.html'}", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
