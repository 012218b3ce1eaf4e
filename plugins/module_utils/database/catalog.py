# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a restored database is what it was: two readings of the catalogue, as flat facts, compared.

A reading maps a fact's name ("table public.agents", "grant CONNECT to reporting", "setting row_security") to its value.
What `pg_dump` leaves out (the database's own settings, grants, limit and comment) is given to the restored one again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Reading = Mapping[str, str]


@dataclass(frozen=True)
class Difference:
    """A fact that differs; None stands for a fact that one side has not."""

    fact: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        if self.after is None:
            return f"{self.fact} is missing"
        if self.before is None:
            return f"{self.fact} is new"
        return f"{self.fact} is {self.after} and was {self.before}"


def differences(before: Reading, after: Reading) -> list[Difference]:
    """Every fact in which the two readings differ, in the order of their names."""
    names = sorted({*before, *after})
    return [Difference(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)]


def sequences_behind(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    """Sequences that would give out numbers again, in words: one never goes back, however busy the database was meanwhile."""
    return [
        f"sequence {name} stands at {after.get(name, 'nothing')} and was at {value}"
        for name, value in sorted(before.items())
        if after.get(name, value - 1) < value
    ]


@dataclass(frozen=True)
class Change:
    """One thing of the database itself to be made as it was: which statement of SQL makes it."""

    kind: str  # comment, connection limit, grant, revoke, setting
    name: str = ""  # the privilege, or the setting
    role: str = ""  # whom it is for; empty is every role
    value: str | None = None


def changes(found: list[Difference]) -> tuple[list[Change], list[Difference]]:
    """What can be made as it was, and the differences for which a new database would be needed (owner, encoding, collation)."""
    made: list[Change] = []
    rest: list[Difference] = []
    for difference in found:
        kind, _space, subject = difference.fact.partition(" ")
        if difference.fact in {"comment", "connection limit"}:
            made.append(Change(difference.fact, value=difference.before))
        elif kind == "grant":
            privilege, _to, role = subject.partition(" to ")
            if difference.after is not None:
                made.append(Change("revoke", privilege, role))
            if difference.before is not None:
                made.append(Change("grant", privilege, role, difference.before))
        elif kind == "setting":
            name, _of, role = subject.partition(" of ")
            made.append(Change("setting", name, role, difference.before))
        else:
            rest.append(difference)
    return made, rest
