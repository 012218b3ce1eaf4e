# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The word for a severity: as a document states it, by its score, or by a CVSS 3 vector."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.advisory import SEVERITIES

_SAME = {"moderate": "medium", "important": "high"}  # GitHub's and Red Hat's words for the same
_UP_TO = ((0.0, "none"), (3.9, "low"), (6.9, "medium"), (8.9, "high"), (10.0, "critical"))
_WEIGHTS = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
    "AC": {"L": 0.77, "H": 0.44},
    "UI": {"N": 0.85, "R": 0.62},
    "C": {"H": 0.56, "L": 0.22, "N": 0.0},
    "I": {"H": 0.56, "L": 0.22, "N": 0.0},
    "A": {"H": 0.56, "L": 0.22, "N": 0.0},
}
_PRIVILEGES = {"U": {"N": 0.85, "L": 0.62, "H": 0.27}, "C": {"N": 0.85, "L": 0.68, "H": 0.5}}
_LONGEST = 500


def severity(value: object) -> str:
    """One of SEVERITIES for a word, a score from 0 to 10 or a CVSS 3.0 or 3.1 vector; empty for anything else."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _word(float(value) if 0 <= value <= 10 else None)
    said = value.strip() if isinstance(value, str) and len(value) <= _LONGEST else ""
    word = _SAME.get(said.lower(), said.lower())
    if word in SEVERITIES:
        return word
    return _word(base_score(said) if said.startswith("CVSS:") else _number(said))


def worst(severities: Iterable[str]) -> str:
    return max(severities, key=SEVERITIES.index, default="")


def base_score(vector: str) -> float | None:
    """The base score of a vector by sections 7.1 and 7.4 of https://www.first.org/cvss/v3.1/specification-document; None if it is none.

    CVSS 4 has no formula but a table of hundreds of entries, and is not counted here.
    """
    version, *parts = vector.split("/")
    metrics = dict(part.split(":", 1) for part in parts if ":" in part)
    try:
        scope = metrics["S"]
        weight = {metric: weights[metrics[metric]] for metric, weights in _WEIGHTS.items()}
        privileges = _PRIVILEGES[scope][metrics["PR"]]
    except KeyError:
        return None
    if version not in {"CVSS:3.0", "CVSS:3.1"}:
        return None
    missing = 1 - (1 - weight["C"]) * (1 - weight["I"]) * (1 - weight["A"])
    changed = scope == "C"
    impact = 7.52 * (missing - 0.029) - 3.25 * (missing - 0.02) ** 15 if changed else 6.42 * missing
    if impact <= 0:
        return 0.0
    exploitability = 8.22 * weight["AV"] * weight["AC"] * privileges * weight["UI"]
    return _round_up(min((1.08 if changed else 1.0) * (impact + exploitability), 10.0))


def _round_up(score: float) -> float:
    """The smallest number with one digit that is not less, as appendix A of CVSS 3.1 counts it."""
    whole = round(score * 100_000)
    return whole / 100_000 if whole % 10_000 == 0 else (whole // 10_000 + 1) / 10


def _number(said: str) -> float | None:
    try:
        found = float(said)
    except ValueError:
        return None
    return found if 0 <= found <= 10 else None


def _word(score: float | None) -> str:
    """By the table of section 5 of the CVSS 3.1 specification."""
    return "" if score is None else next(word for highest, word in _UP_TO if round(score, 1) <= highest)
