# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils import program
from ansible_collections.ampora.upgrades.plugins.plugin_utils.program import Ended, run_program
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint, StoppedError

ENVIRONMENT = {"PATH": os.environ["PATH"]}


def run(script: str, timeout: int = 20, safe_point: SafePoint | None = None, lines: list[str] | None = None) -> Ended:
    heard: list[str] = [] if lines is None else lines
    point = safe_point or SafePoint()
    words = ["sh", "-c", script]
    return run_program(words, ENVIRONMENT, timeout=timeout, safe_point=point, at_work=lambda _seconds, line: heard.append(line))


def gone(pid: int) -> bool:
    """Ended, or a zombie that waits for its parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_output_status_and_environment() -> None:
    assert run('echo "$PATH"; echo words >&2; exit 3') == Ended(3, ENVIRONMENT["PATH"], "words")


def test_no_shell_and_no_input() -> None:
    ended = run_program(["cat", "$HOME; -"], {"PATH": os.environ["PATH"], "LC_ALL": "C"}, timeout=5, safe_point=SafePoint(), at_work=print)
    assert (ended.status, ended.errors) == (1, "cat: '$HOME; -': No such file or directory")
    assert run("cat") == Ended(0, "", "")


def test_a_flood_is_read_and_only_its_end_is_kept() -> None:
    ended = run("yes 0123456789 | head -n 200000; printf '%0100000d' 7")
    lines = ended.output.splitlines()
    assert len(lines) == program.KEPT_LINES
    assert max(map(len, lines)) == program.LONGEST_LINE


def test_it_says_what_it_does() -> None:
    lines: list[str] = []
    run("echo first >&2; sleep 1; echo second >&2; sleep 1", lines=lines)
    assert "first" in lines
    assert lines[-1] == "second"


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(UpgradeError, match="The program /no/such cannot be started: No such file"):
        run_program(["/no/such"], {}, timeout=5, safe_point=SafePoint(), at_work=print)


def test_a_time_out_ends_the_whole_group(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(UpgradeError, match="did not end within 1 s and was ended"):
        run(f"sleep 60 & echo $! > {tmp_path}/child; wait", timeout=1)
    assert time.monotonic() - began < program.GRACE_SECONDS
    assert gone(int((tmp_path / "child").read_text()))


def test_who_does_not_hear_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "GRACE_SECONDS", 0.5)
    with pytest.raises(UpgradeError, match="did not end"):
        run(f"trap '' TERM; echo $$ > {tmp_path}/self; while :; do sleep 0.1; done", timeout=1)
    assert gone(int((tmp_path / "self").read_text()))


def test_what_is_left_of_the_group_ends_with_it(tmp_path: Path) -> None:
    assert run(f"sleep 60 >/dev/null 2>&1 & echo $! > {tmp_path}/child").status == 0
    assert gone(int((tmp_path / "child").read_text()))


def test_a_signal_to_the_run_ends_it(tmp_path: Path) -> None:
    point = SafePoint()
    point.note(signal.SIGTERM, None)
    with pytest.raises(StoppedError, match="Stopped by SIGTERM"):
        run(f"echo $$ > {tmp_path}/self; exec sleep 60", safe_point=point)
    assert gone(int((tmp_path / "self").read_text()))
