# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for the whole package: decisions are values that nobody changes, and a module does without the libraries it does not call."""

from __future__ import annotations

import dataclasses
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils import policy

# Counted up or filled in, and never handed on to a decision that somebody else takes.
GROWING = {"Facts", "Tally", "_Said", "_Sorted", "_Taken"}
OPTIONAL = ("semver", "pyromark", "jmespath", "dateutil")
HOME = Path(policy.__path__[0])
MODULES = [".".join((policy.__name__, *path.relative_to(HOME).with_suffix("").parts)) for path in sorted(HOME.rglob("*.py"))]


def classes() -> Iterator[type]:
    for name in MODULES:
        for found in vars(importlib.import_module(name)).values():
            # A named tuple cannot be changed by what it is.
            if isinstance(found, type) and found.__module__ == name and "__annotations__" in vars(found) and not issubclass(found, tuple):
                yield found


@pytest.mark.parametrize("found", [each for each in classes() if each.__name__ not in GROWING], ids=lambda found: found.__name__)
def test_a_fact_or_a_finding_is_never_changed(found: type) -> None:
    one: Any = object.__new__(found)
    for name in found.__annotations__:
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(one, name, None)


def test_no_module_needs_an_optional_library_to_be_loaded() -> None:
    """So that a missing library is named by what needs it, and `ansible-doc` and a plan without rules or windows go on."""
    code = f"import sys\nsys.modules.update(dict.fromkeys({OPTIONAL}))\nfor name in {MODULES}: __import__(name)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env={"PYTHONPATH": ":".join(sys.path)})
    assert (done.returncode, done.stderr) == (0, "")


def test_what_was_not_read_is_nothing() -> None:
    """A default that says something would be taken for a fact."""
    said = {}
    for found in filter(dataclasses.is_dataclass, classes()):
        for field in dataclasses.fields(found):
            made = field.default_factory() if field.default_factory is not dataclasses.MISSING else field.default
            nothing = made is dataclasses.MISSING or not (any(vars(made).values()) if dataclasses.is_dataclass(made) else made)
            if not nothing:
                said[found.__name__, field.name] = made
    assert said == {("Facts", "kind"): "upgrade", ("ReleaseNote", "first_line"): 1, ("SignalFacts", "prometheus"): True}
