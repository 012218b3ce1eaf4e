# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads one JSON object from outside, field by field, and names all that is wrong with it at once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.run.timestamp import EPOCH, parse

T = TypeVar("T", str, int, bool, float)

_WORDS: dict[type, str] = {str: "a text", int: "a whole number", bool: "true or false", float: "a number"}


class Fields:
    """A wrong or missing field gives a harmless stand-in and is remembered; `finish` then refuses the whole object."""

    def __init__(self, value: object, what: str) -> None:
        self._what = what
        self._problems: list[str] = []
        self._value: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
        if not isinstance(value, Mapping):
            self.wrong("it is not an object")

    def wrong(self, problem: str) -> None:
        """Remember a problem that the caller found."""
        self._problems.append(problem)

    def finish(self, next_step: str = "") -> None:
        """Refuse the object when anything was wrong."""
        if self._problems:
            raise UpgradeError(f"{self._what} cannot be used: {'; '.join(self._problems)}.", next_step=next_step)

    def only(self, names: Sequence[str]) -> None:
        """Any other field is a problem: most likely a misspelt name."""
        for name in sorted(str(key) for key in self._value if key not in names):
            self.wrong(f"{name} is not a field of it (known: {', '.join(names)})")

    def scalar(self, name: str, kind: type[T]) -> T:
        """A required text, whole number, number, or true or false."""
        value = self._present(name)
        if value is not None and is_a(value, kind):
            return kind(value)
        self._expected(name, value, _WORDS[kind])
        return kind()

    def choice(self, name: str, choices: Sequence[str]) -> str:
        """A required word of a fixed list."""
        value = self._present(name)
        if name in self._value and value not in choices:
            self.wrong(f"{name} is {value!r} and must be one of {', '.join(choices)}")
        return value if isinstance(value, str) and value in choices else choices[0]

    def moment(self, name: str) -> datetime:
        """A required time, ISO 8601 with its zone."""
        value = self._present(name)
        found = parse(value)
        if found is None:
            self._expected(name, value, "a time such as 2026-11-22T21:40:00Z")
        return found or EPOCH

    def optional_moment(self, name: str) -> datetime | None:
        """A time or null."""
        return None if name in self._value and self._value[name] is None else self.moment(name)

    def mapping(self, name: str) -> dict[str, Any]:
        """A required object with texts as keys."""
        value = self._present(name)
        if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
            return dict(value)
        self._expected(name, value, "an object")
        return {}

    def mapping_of(self, name: str, kind: type[T]) -> dict[str, T]:
        """A required object whose values are all of one kind."""
        found = self.mapping(name)
        for key, value in found.items():
            if not is_a(value, kind):
                self.wrong(f"{name}.{key} must be {_WORDS[kind]}")
        return {key: kind(value) for key, value in found.items() if is_a(value, kind)}

    def items(self, name: str) -> list[Any]:
        """A required list."""
        value = self._present(name)
        if isinstance(value, list):
            return list(value)
        self._expected(name, value, "a list")
        return []

    def _present(self, name: str) -> Any:
        if name not in self._value and self._value:
            self.wrong(f"{name} is missing")
        return self._value.get(name)

    def _expected(self, name: str, value: object, words: str) -> None:
        # A missing field has been named already; null in its place has not.
        if value is not None or name in self._value:
            self.wrong(f"{name} must be {words}")


def is_a(value: object, kind: type) -> bool:
    """Python takes True for 1 and refuses 1 for 1.0; JSON readers expect neither, and never NaN or an infinity."""
    if kind is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
