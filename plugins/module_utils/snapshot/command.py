# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a site's own backup tool is told, what it may answer, and what of its words may be shown.

The tool is run by argument lists, without a shell. What it must know stands in its environment, the password too: other
users cannot read that, and it is gone with the process. It may say how it calls what it has made, in one line of JSON.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote as quote_url

from ansible_collections.ampora.upgrades.plugins.module_utils.database.connection_string import ConnectionParameters, to_environment
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.fields import Fields, is_a

VERBS = ("take", "verify", "restore", "remove")
MASKED = "***"
_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:@+/=-]{0,199}")
_SECRET_NAME = re.compile(r"PASSW|SECRET|TOKEN|CREDENTIAL|PRIVATE|(ACCESS|API|MASTER|ENCRYPTION|CIPHER|STORAGE)_?(KEY|PASS)", re.IGNORECASE)
_ASSIGNMENT = re.compile(r"(?i)(pass(?:word|phrase|wd)?|pwd|secret|token)(\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&\"']+)")
_IN_URL = re.compile(r"(?i)(\b[a-z][a-z0-9+.-]*://[^\s/:@]*):[^\s/@]+@")
# PostgreSQL's own variables; those of other tools (PGBACKREST_REPO1_PATH) have an underscore.
_FOREIGN = re.compile(r"PG[A-Z]+")
_LEAST_SECRET = 4  # shorter ones would mask every second word


@dataclass(frozen=True)
class ToolAnswer:
    """What `take` said of what it has made; each empty or 0 when it said nothing."""

    id: str = ""  # the tool's own name for it, handed back to it
    size: int = 0  # bytes
    label: str = ""  # for people


def arguments(words: Sequence[str], *, snapshot: str, tool_id: str, database: str) -> list[str]:
    """The argument list with {snapshot}, {id} and {database} filled in; any other brace is the tool's own."""
    values = {"{snapshot}": snapshot, "{id}": tool_id, "{database}": database}
    return [re.sub("|".join(map(re.escape, values)), lambda found: values[found[0]], word) for word in words]


def environment(
    inherited: Mapping[str, str], parameters: ConnectionParameters, told: Mapping[str, str], *, hostaddr: str
) -> dict[str, str]:
    """The tool's environment: ours without any PG* of somebody else, the database that is meant, and what it is told (AMPORA_*)."""
    kept = {key: value for key, value in inherited.items() if not _FOREIGN.fullmatch(key)}
    connection = {**to_environment(parameters, hostaddr=hostaddr), "PGPASSWORD": parameters.password, "PGCONNECT_TIMEOUT": "10"}
    return {**kept, **connection, **told}


def answer(output: str) -> ToolAnswer:
    """The last line that is a JSON object; anything in it that cannot be used is refused, since a restore relies on it."""
    found = next((item for item in map(_object, reversed(output.splitlines())) if item is not None), None)
    if found is None:
        return ToolAnswer()
    read = Fields({"id": "", "size": 0, "label": "", **found}, "The line of JSON that the command for take has printed")
    read.only(("id", "size", "label"))
    tool_id, size, label = read.scalar("id", str), read.scalar("size", int), read.scalar("label", str)
    if not is_tool_id(tool_id):
        read.wrong(f"id is {quote(tool_id)} and may have letters, digits and _ . : @ + / = - only, up to 200")
    if size < 0:
        read.wrong(f"size is {size} and must be a number of bytes")
    if len(label) > 200 or not label.isprintable():
        read.wrong("label must be one line of up to 200 characters")
    read.finish("Correct what ampora_snapshot_command.take prints (docs/snapshots.md).")
    return ToolAnswer(tool_id, size, label)


def is_tool_id(text: str) -> bool:
    """It goes back to the tool as an argument: nothing that another program could take for an option or for a path elsewhere."""
    return not text or (_ID.fullmatch(text) is not None and ".." not in text.split("/"))


def _object(line: str) -> dict[str, object] | None:
    if not line.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def secrets_in(environment: Mapping[str, str]) -> tuple[str, ...]:
    """What must not be shown of a tool's words: what stands in variables whose names say so, the database's password too."""
    return tuple(value for key, value in environment.items() if _SECRET_NAME.search(key) and len(value) >= _LEAST_SECRET)


def mask(text: str, secrets: Iterable[str]) -> str:
    """The text without the secrets in the forms in which tools write them, and without what looks like one."""
    forms = {form for secret in secrets for form in _forms(secret)}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, MASKED)
    return _IN_URL.sub(rf"\1:{MASKED}@", _ASSIGNMENT.sub(rf"\1\2{MASKED}", text))


def _forms(secret: str) -> set[str]:
    written = {secret, quote_url(secret, safe=""), json.dumps(secret)[1:-1], secret.replace("'", "''"), secret.replace("\\", "\\\\")}
    return written | {base64.b64encode(secret.encode()).decode()}


def check_commands(commands: Mapping[str, Sequence[str]]) -> None:
    """What a snapshot needs at least; a tool that cannot restore one database leaves `restore` out."""
    if missing := [verb for verb in ("take", "verify") if not commands[verb]]:
        raise UpgradeError(
            f"ampora_snapshot_command has no argument list for {' and '.join(missing)}.",
            next_step="Give each as a list: a program and its arguments (docs/snapshots.md).",
        )
    if wrong := [verb for verb in VERBS if any(not is_a(word, str) or "\0" in word for word in commands[verb])]:
        raise UpgradeError(f"ampora_snapshot_command.{wrong[0]} must be a list of texts.")


def restores(commands: Mapping[str, Sequence[str]]) -> str:
    """What the tool can restore: one database, or only a whole cluster, which is a person's affair."""
    return "database" if commands["restore"] else "cluster"


def check_restore(commands: Mapping[str, Sequence[str]]) -> None:
    """A tool that restores whole clusters only has no such command, and then a person restores."""
    if not commands["restore"]:
        raise UpgradeError(
            "ampora_snapshot_command has no argument list for restore, so this snapshot is restored by hand.",
            next_step="Restore it with the tool itself (docs/snapshots.md), or give an argument list that restores one database.",
        )
