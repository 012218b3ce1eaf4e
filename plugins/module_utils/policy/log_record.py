# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A line of the product's JSON log as a record, in the names that its formatters give to the same fields."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.run.timestamp import parse

# The product's own names first (its page on metrics and logs), then those of .NET's console formatter, of Serilog and of OpenTelemetry.
_NAMES = {
    "time": ("timestamp", "Timestamp", "@t", "time", "ts"),
    "level": ("level", "LogLevel", "Level", "@l", "severity", "SeverityText"),
    "category": ("category", "Category", "SourceContext", "logger", "Logger"),
    "template": ("message", "Message", "@mt", "MessageTemplate", "@m", "msg", "body", "Body"),
}
_NESTED = ("State", "Properties", "properties", "attributes", "Attributes")
_PLACE = re.compile(r"\{[@$]?(\w{1,100})(?:[,:][^{}]{0,50})?\}")
LONGEST_LINE = 64 * 1024  # bytes; what is longer is no warning of one use


@dataclass(frozen=True)
class LogRecord:
    """`message` is the template with its properties filled in; `time` is seconds since 1970, or None."""

    time: float | None
    level: str
    category: str
    template: str
    message: str
    properties: Mapping[str, str] = field(default_factory=dict)


def read_record(line: bytes) -> LogRecord | None:
    """The record, or None for a line that is not a JSON object."""
    if len(line) > LONGEST_LINE:
        return None
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    fields = {name: next((found[key] for key in keys if key in found), "") for name, keys in _NAMES.items()}
    template = _short(fields["template"])
    properties = _properties(found)
    moment = _moment(fields["time"])
    return LogRecord(
        time=moment.timestamp() if moment else None,
        level=_short(fields["level"]),
        category=_short(fields["category"] or properties.get("SourceContext", "")),  # Serilog's own JSON has it among the properties
        template=template,
        message=_PLACE.sub(lambda match: properties.get(match[1], match[0]), template)[:2000],
        properties=properties,
    )


def _properties(found: Mapping[str, Any]) -> dict[str, str]:
    nested: dict[str, Any] = {}
    for name in _NESTED:
        if isinstance(found.get(name), Mapping):
            nested.update(found[name])
    known = {name for names in _NAMES.values() for name in names}
    values = {**{name: value for name, value in found.items() if name not in known}, **nested}
    return {str(name): _short(value) for name, value in values.items() if isinstance(value, (str, int, float))}


def named_places(template: str) -> set[str]:
    """The names of the properties that a template has places for."""
    return set(_PLACE.findall(template))


def _moment(value: object) -> datetime | None:
    """.NET's console formatter writes what it is told to, often without the zone; a container's is UTC."""
    text = str(value).strip()[:100]
    return parse(text) or parse(f"{text}Z")


def _short(value: object) -> str:
    return str(value)[:1000]
