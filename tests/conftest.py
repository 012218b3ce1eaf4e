# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stages of the test run, in the order in which they fail cheapest, and the ground that the later ones stand on.

`--suite` is `make test`: every stage but the benchmarks and the extended tier's, and of the scenarios those that are marked `ci`.
`--scenario NAME` is `make scenario`: the one test called test_NAME.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
STAGES = ("checks", "unit", "integration", "scenarios", "extended", "benchmarks")
ON_THE_GROUND = ("integration", "scenarios", "extended", "benchmarks")
APART = ("extended", "benchmarks")  # stages that have a target of their own


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("ampora.upgrades")
    group.addoption("--suite", action="store_true", help="all stages, and the scenarios marked for CI")
    group.addoption("--scenario", metavar="NAME", help="only the scenario of this name, for example minor-job")


def stage(item: pytest.Item) -> str:
    return item.path.relative_to(ROOT / "tests").parts[0]


def scenario(item: pytest.Item) -> str:
    """The name of a scenario on the command line: test_minor_job is minor-job."""
    return getattr(item, "originalname", item.name).removeprefix("test_").replace("_", "-")


def _chosen(item: pytest.Item, config: pytest.Config) -> bool:
    if config.getoption("scenario"):
        return scenario(item) == str(config.getoption("scenario"))
    if config.getoption("suite"):
        return stage(item) not in APART and (stage(item) != "scenarios" or item.get_closest_marker("ci") is not None)
    return True


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: STAGES.index(stage(item)))  # stable: the order inside a stage stays
    chosen = [item for item in items if _chosen(item, config)]
    if config.getoption("scenario") and not chosen:
        raise pytest.UsageError(f"there is no such scenario; there are: {', '.join(sorted({scenario(item) for item in items}))}")
    config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
    items[:] = chosen


def pytest_report_collectionfinish(config: pytest.Config, items: list[pytest.Item]) -> list[str]:
    """What will run, by name where a person would know the name."""
    if not config.getoption("suite"):
        return []
    counts = Counter(stage(item) for item in items)
    named = {name: [item.name.removeprefix("test_") for item in items if stage(item) == name] for name in STAGES if name != "unit"}
    lines = [f"  {name}: {counts[name]} tests{': ' + ', '.join(named[name]) if named.get(name) else ''}" for name in STAGES if counts[name]]
    return ["", "This run:", *lines, ""]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A failure is named when it happens; pytest names all of them again at the end."""
    if report.failed:
        print(f"\nFAILED {report.nodeid} ({report.when})", file=sys.__stdout__, flush=True)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if stage(item) in ON_THE_GROUND:
        capture = item.config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled():
            status = bring_up()
        if status:
            pytest.fail(f"the sandbox did not come up: `python -m tests.sandbox up` ended with status {status}, see above", pytrace=False)


@cache
def bring_up() -> int:
    """Start the sandbox, once a session and only when a test needs it, and let what it exports hold for these tests."""
    print("\nthe ground: python -m tests.sandbox up", flush=True)
    status = subprocess.run([sys.executable, "-m", "tests.sandbox", "up"], cwd=ROOT, check=False).returncode
    if status == 0:
        shell = f". {shlex.quote(str(ROOT / '.sandbox' / 'env'))} && env -0"
        exported = subprocess.run(["bash", "-c", shell], check=True, stdout=subprocess.PIPE, text=True).stdout
        os.environ.update(dict(line.split("=", 1) for line in exported.split("\0") if "=" in line))
    return status
