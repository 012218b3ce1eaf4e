# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes docs/rules/README.md: every rule with the first sentence of its page. `make docs` writes, the drift test compares."""

from __future__ import annotations

import re
from pathlib import Path

PAGES = Path(__file__).resolve().parents[2] / "docs" / "rules"
HEAD = """<!-- Copyright: (c) 2026, the ampora.upgrades authors -->
<!-- SPDX-License-Identifier: GPL-3.0-or-later -->
<!-- Written by `make docs` from the pages beside this file. -->
# Rules

Each finding of a plan names its rule, and each rule has a page: what it is, why, how to satisfy it, how to override it. A finding is a
note, needs a person's answer (`ampora_acks: {ack-VERSION-RULE: "true"}`), or blocks. An override switches one rule off for one run, by
name and with a reason: `ampora_overrides: [{rule: RULE, reason: WHY, until: DATE}]`. Answers and overrides are in the journal and the
report, with who gave them.

"""


def render() -> str:
    """The index as it should be."""
    return HEAD + "".join(f"- [`{page.stem}`]({page.name}): {summary(page)}\n" for page in pages())


def pages() -> list[Path]:
    return sorted((page for page in PAGES.glob("*.md") if page.stem != "README"), key=lambda page: page.stem)


def summary(page: Path) -> str:
    """The first sentence of what the rule is."""
    said = page.read_text(encoding="utf-8").split("**What.**", 1)[1].split("\n\n", 1)[0]
    return re.split(r"(?<=[.:;])\s", " ".join(said.split()), maxsplit=1)[0].rstrip(":;.") + "."


def main() -> None:
    (PAGES / "README.md").write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
