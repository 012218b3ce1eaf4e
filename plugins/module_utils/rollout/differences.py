# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where two objects differ, as paths and never as values: a value may be a secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def differences(before: object, after: object, path: str = "") -> Iterator[str]:
    """The paths whose values differ; items of a list go by their name, where they have one; null is the same as not there."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            yield from differences(before.get(key), after.get(key), f"{path}.{key}" if path else str(key))
    elif isinstance(before, list) and isinstance(after, list):
        old, new = _named(before), _named(after)
        if list(old) != list(new) and old.keys() == new.keys():
            yield path  # only their order, which may mean something
        for name in [*old, *(name for name in new if name not in old)]:
            yield from differences(old.get(name), new.get(name), f"{path}[{name}]")
    elif before != after:
        yield path


def left_out(given: object, kept: object, path: str = "") -> Iterator[str]:
    """The paths of what was given and is not kept, whatever its value became; a value that is empty may be left out."""
    if isinstance(given, Mapping) and isinstance(kept, Mapping):
        for key, value in given.items():
            yield from left_out(value, kept.get(key), f"{path}.{key}" if path else str(key))
    elif isinstance(given, list) and isinstance(kept, list):
        after = _named(kept)
        for name, value in _named(given).items():
            yield from left_out(value, after.get(name), f"{path}[{name}]")
    elif given and kept is None:
        yield path


def _named(items: list[Any]) -> dict[str, Any]:
    names = [str(item.get("name", number)) if isinstance(item, Mapping) else str(number) for number, item in enumerate(items)]
    if len(set(names)) < len(names):
        names = [str(number) for number in range(len(items))]
    return dict(zip(names, items, strict=True))
