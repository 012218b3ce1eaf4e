# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one expected failure of the collection, worded for the person on call."""

from __future__ import annotations

from collections.abc import Sequence


class UpgradeError(Exception):
    """Something that the run foresaw: what is wrong, what to do next, and what was seen."""

    def __init__(self, message: str, *, next_step: str = "", evidence: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step
        self.evidence = tuple(evidence)

    def __str__(self) -> str:
        return f"{self.message} Next: {self.next_step}" if self.next_step else self.message


def need(library: object, package: str) -> None:
    """Refuse to go on without a Python package whose guarded import gave None."""
    if library is None:
        raise UpgradeError(
            f"The Python package {package} is missing where ansible-playbook runs.",
            next_step=f"install it into the same Python environment: pip install {package}",
        )


def quote(value: object, limit: int = 80) -> str:
    """A value from outside as one short printable line, so that no input can flood or repaint a terminal."""
    text = str(value)[: limit + 1]
    if not text.isprintable():
        text = "".join(c if c.isprintable() else "?" for c in text)
    return f'"{text[:limit]}..."' if len(text) > limit else f'"{text}"'
