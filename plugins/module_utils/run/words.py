# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a step did, in a line for a person; and names and times as people read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Result = Mapping[str, Any]

TITLES = {
    "lock": "Take the lease",
    "preflight": "Decide",
    "configuration_rollouts": "Configuration rollouts",
    "reference": "Measure the reference",
    "snapshot": "Take a snapshot",
    "pin_by_digest": "Pin by digest",
    "migrate": "Migrate",
    "apply": "Apply",
    "watch": "Watch the metrics",
    "spot_check": "Spot-check the UI",
    "soak": "Wait before accepting",
    "accept": "Accept",
    "undo": "Go back to the recorded image",
    "restore": "Restore the snapshot",
    "swap": "Swap the databases back",
    "release": "Drop what was kept",
}


def title(step: str) -> str:
    """The step in the words of the Upgrades page; a step that is not known by its name."""
    return TITLES.get(step, step.replace("_", " ").capitalize())


def line(step: str, result: Result) -> str:
    """What there is to say of a known step's result; empty for others, whose result is shown as it is."""
    words = _WORDS.get(step)
    return words(result) if words and result else ""


def headline(report: Result) -> str:
    """What has become of the deployment, in a sentence."""
    place = f"{_map(report, 'deployment').get('namespace', '?')}/{_map(report, 'deployment').get('name', '?')}"
    old, new = (_map(report, side).get("version") or "the other version" for side in ("from", "to"))
    # A rollback is a run of its own, from the version that did not go well to the one that ran before.
    back = f"{new} runs again" if report["kind"] == "rollback" else f"{new} did not go well: {old} runs again"
    sentences = {
        "upgraded": f"{new} runs on {place}, and is well.",
        "unchanged": f"{new} is what runs on {place}: there was nothing to do.",
        "planned": f"This is a plan for {place}; nothing was changed.",
        "refused": f"Refused, and nothing was changed on {place}.",
        "swapped back": f"{new} runs again on {place}, on the database that had been replaced.",
        "rolled back": f"{back} on {place}.",
        "held": f"The run holds: {place} stays as it is until a person decides.",
        "failed": f"{place} is not well." if report["kind"] == "verify" else f"The run on {place} failed.",
        "ended": f"{place} is well." if report["kind"] == "verify" else f"{title(str(report['kind']))}: done, on {place}.",
        "unfinished": f"The run on {place} has not ended.",
    }
    return sentences.get(str(report["outcome"]), f"{report['outcome']}, on {place}.")


def reason(report: Result) -> str:
    """Why it is not as it was meant to be; empty when it is, or when nobody knows."""
    if report["outcome"] == "refused":
        return _standing(report)
    failed = next((step for step in reversed(_list(report, "steps")) if step["state"] == "failed"), None)
    if report["outcome"] in ("upgraded", "unchanged", "planned"):
        return ""
    if failed:
        return f"{title(failed['name'])}: {failed['message']}"
    said = [f"{item.get('name', '?')}: {item.get('text', '')}" for item in report["signals"] if item.get("verdict") not in ("pass", None)]
    return "; ".join(said) if report["verdict"] not in ("", "pass") else ""


def _standing(report: Result) -> str:
    """What a refusal waits for."""
    severities = [item.get("severity") for item in report["findings"] if not item.get("acknowledged") and not item.get("overridden")]
    parts = [
        f"{severities.count(word)} {what}"
        for word, what in (("block", "findings block it"), ("ack", "need an answer"))
        if word in severities
    ]
    return " and ".join(parts)


def duration(seconds: float) -> str:
    """0.4 s, 12 s, 6 min 50 s, 2 h 5 min."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{round(seconds)} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def size(value: object) -> str:
    """Bytes for a person; the value itself where it is no number."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return str(value)
    amount = float(value)
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if abs(amount) < 1024:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} TiB"


def proof(found: Result) -> str:
    """Whether what runs is what was pinned, and by how many witnesses."""
    pods = found.get("pods")
    sources = (
        f"{len(pods) if isinstance(pods, (list, Mapping)) else 0} pods, footer {found.get('footer', '?')}, notes {found.get('notes', '?')}"
    )
    return f"{'proven' if found.get('agrees') else 'NOT proven'}: {found.get('version', '?')} is {found.get('digest', '?')} ({sources})"


def _accept(result: Result) -> str:
    found = _map(result, "proof")
    return proof(found) if found else ""


def _snapshot(result: Result) -> str:
    parts = [str(result.get("id") or "")]
    if "size" in result:
        parts.append(size(result["size"]))
    if result.get("proof"):
        parts.append(f"proof: {result['proof']}")
    return ", ".join(part for part in parts if part)


def _pin(result: Result) -> str:
    return f"{result.get('version') or ''} is {result.get('digest') or result.get('image') or ''}".strip()


def _migrate(result: Result) -> str:
    before, after = _list(result, "before"), _list(result, "after")
    fresh = [str(name) for name in after if name not in before]
    return f"{len(fresh)} migrations: {', '.join(fresh)}" if fresh else "nothing to migrate" if after else ""


def _apply(result: Result) -> str:
    schema = _map(result, "schema")
    added = [str(name) for name in _list(schema, "added")]
    parts = [f"complete after {result['seconds']} s" if "seconds" in result else ""]
    if schema.get("state"):
        parts.append(f"the schema is {schema['state']}" + (f" ({', '.join(added)})" if added else ""))
    if pods := result.get("pods"):
        parts.append(f"{len(pods)} pods run the pinned digest" if isinstance(pods, (list, Mapping)) else "")
    return "; ".join(part for part in parts if part)


def _watch(result: Result) -> str:
    signals = [item for item in _list(result, "signals") if isinstance(item, Mapping)]
    said = ", ".join(f"{item.get('name', '?')}: {item.get('verdict', '?')}" for item in signals)
    return f"verdict {result.get('verdict') or '?'}" + (f" ({said})" if said else "")


def _spot_check(result: Result) -> str:
    parts = [str(_map(result, "pods").get("text") or "")]
    parts += [f"the {part} part was skipped" for part in _list(result, "left_out") if part == "browser"]
    return "; ".join(part for part in parts if part)


def _undo(result: Result) -> str:
    return f"{result.get('version') or result.get('image') or ''} runs again".strip()


def _restore(result: Result) -> str:
    parts = [f"from the snapshot {result['snapshot']}" if result.get("snapshot") else ""]
    parts.append(f"the replaced database is kept as {result['kept_database']}" if result.get("kept_database") else "")
    return "; ".join(part for part in parts if part)


def _rollouts(result: Result) -> str:
    parts = [
        f"{word.replace('_', ' ')}: {len(found)}"
        for word in ("to_pause", "paused", "not_paused", "resumed", "left")
        if (found := _map(result, word) or _list(result, word))
    ]
    return ", ".join([*parts, str(result["error"])] if result.get("error") else parts)


def _list(result: Result, name: str) -> list[Any]:
    value = result.get(name)
    return value if isinstance(value, list) else []


def _map(result: Result, name: str) -> Mapping[str, Any]:
    value = result.get(name)
    return value if isinstance(value, Mapping) else {}


_WORDS: dict[str, Callable[[Result], str]] = {
    "snapshot": _snapshot,
    "pin_by_digest": _pin,
    "migrate": _migrate,
    "apply": _apply,
    "watch": _watch,
    "spot_check": _spot_check,
    "accept": _accept,
    "undo": _undo,
    "restore": _restore,
    "configuration_rollouts": _rollouts,
}
