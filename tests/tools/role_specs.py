# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes each role's meta/argument_specs.yml: its own options and the inputs of roles/ampora that it uses.

The inputs are described once, in roles/ampora. What a role uses is read from its tasks: the inputs that they name, and
those behind the mappings of roles/ampora/vars. `python -m tests.tools.role_specs` writes, the drift test compares.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
ROLES = ROOT / "roles"
SHARED = "ampora"
OWN = "options.yml"  # a role's own description: roles/ROLE/meta/options.yml
HEADER = """# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Written by `make docs` from options.yml beside this file and from roles/ampora.
---
"""


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        del indentless
        super().increase_indent(flow, False)


def used_inputs(role: Path) -> set[str]:
    """The `ampora_*` inputs that a role's tasks and defaults use, directly or through a mapping."""
    mappings = yaml.safe_load((ROLES / SHARED / "vars" / "main.yml").read_text(encoding="utf-8"))
    text = "\n".join(path.read_text(encoding="utf-8") for folder in ("tasks", "defaults") for path in sorted((role / folder).glob("*.yml")))
    found = set(re.findall(r"\bampora_\w+", text))
    while behind := {name for mapping in found & set(mappings) for name in re.findall(r"\bampora_\w+", str(mappings.pop(mapping)))}:
        found |= behind
    return {name for name in found if not name.startswith("ampora__")} - {"ampora_hop"}


def spec(role: Path) -> dict[str, Any]:
    """The whole argument spec of a role."""
    shared = yaml.safe_load((ROLES / SHARED / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]["main"][
        "options"
    ]
    own = yaml.safe_load((role / "meta" / OWN).read_text(encoding="utf-8"))
    options = {**(own.pop("options", None) or {}), **{name: shared[name] for name in shared if name in used_inputs(role)}}
    return {"argument_specs": {"main": {**own, "version_added": "0.1.0", "author": ["the ampora.upgrades authors"], "options": options}}}


def render(role: Path) -> str:
    return HEADER + yaml.dump(spec(role), Dumper=_Dumper, sort_keys=False, width=150, allow_unicode=True)


def roles() -> list[Path]:
    """Every role but the shared one."""
    return sorted(path for path in ROLES.iterdir() if path.is_dir() and path.name != SHARED)


def main() -> None:
    for role in roles():
        (role / "meta" / "argument_specs.yml").write_text(render(role), encoding="utf-8")


if __name__ == "__main__":
    main()
