# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The upgrade graph: versions that are known to be bad, and hops that are forbidden or risky, each with its reason.

A site's or the product's own knowledge beyond the version numbers (docs/upgrade-graph.md); the idea is that of the graph
data of OpenShift's Cincinnati. A risk may be asked of Prometheus: exactly 1 is "it applies here", exactly 0 "it does not".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.fields import Fields
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version import Allowed, bare, parse
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version import change as change_of
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version_range import Range, parse_range

if TYPE_CHECKING:
    import semver

FORMAT = 1
MOST_ENTRIES = 10_000
CHANGES = ("", "patch", "minor", "major")
_NOTHING = Range("", ())


@dataclass(frozen=True)
class Risk:
    """What is known of a version or a hop; `until` is the version from which on it is mended."""

    id: str
    reason: str
    link: str
    until: semver.Version | None
    target: Range
    source: Range = _NOTHING  # of a hop: from where
    change: str = ""  # of a hop: only this change, so that a PATCH stays allowed
    promql: str = ""

    def concerns(self, version: semver.Version) -> bool:
        return self.target.contains(version) and (self.until is None or version < self.until)

    def concerns_hop(self, current: semver.Version, target: semver.Version) -> bool:
        matches = not self.change or self.change == change_of(current, target)
        return matches and self.source.contains(current) and self.concerns(target)

    def words(self) -> str:
        until = f", until {self.until}" if self.until else ""
        return f"{' '.join(self.reason.split())[:500]} ({self.id}{until})"


@dataclass(frozen=True)
class Graph:
    """Without entries it forbids nothing."""

    bad: tuple[Risk, ...] = ()
    edges: tuple[Risk, ...] = ()

    def is_bad(self, version: semver.Version) -> bool:
        return any(risk.concerns(version) for risk in self.bad)

    def asked(self) -> dict[str, str]:
        """The queries of all risks, by their id."""
        return {risk.id: risk.promql for risk in self.edges if risk.promql}

    def allows(self, answers: Mapping[str, float | None], target: semver.Version, held: Collection[str]) -> Allowed:
        """Whether a planner may take a hop on the way to the target; what is unsure, or on hold here, it walks around."""

        def allowed(current: semver.Version, step: semver.Version) -> bool:
            if self.is_bad(step) or (step != target and bare(step) in held):
                return False
            risks = [risk for risk in self.edges if risk.concerns_hop(current, step)]
            return all(risk.promql and answers.get(risk.id) == 0 for risk in risks)

        return allowed


def judge(graph: Graph, current: semver.Version, target: semver.Version, answers: Mapping[str, float | None]) -> list[Finding]:
    """What the graph says of one hop. `answers` has the value of each risk's query, None where there is none."""
    version = bare(target)
    findings = [
        Finding(
            "known-bad-version", "block", f"{version} is known to be bad: {risk.words()}. Choose another version.", version, _link(risk)
        )
        for risk in graph.bad
        if risk.concerns(target)
    ]
    hop = f"{bare(current)} -> {version}"
    for risk in graph.edges:
        if risk.concerns_hop(current, target):
            findings.append(_conditional(risk, hop, version, answers) if risk.promql else _forbidden(risk, hop, version))
    return findings


def _forbidden(risk: Risk, hop: str, version: str) -> Finding:
    text = f"The upgrade graph forbids {hop}: {risk.words()}. ampora_path: auto walks around it where there is a way."
    return Finding("forbidden-edge", "block", text, version, _link(risk))


def _conditional(risk: Risk, hop: str, version: str, answers: Mapping[str, float | None]) -> Finding:
    answer = answers.get(risk.id)
    if answer == 0:
        text = f"A risk of {hop} does not apply here, as Prometheus says: {risk.words()}."
        return Finding("conditional-edge", "info", text, version, _link(risk))
    if answer == 1:
        text = f"A risk of {hop} applies here, as Prometheus says: {risk.words()}. Choose another version."
        return Finding("conditional-edge", "block", text, version, _link(risk))
    key = Finding("conditional-edge", "ack", "", version).ack_key
    given = "no value" if answer is None else f"{answer:g}"
    text = (
        f"Whether a risk of {hop} applies here is not known (Prometheus gives {given}, and only 0 or 1 is an answer), so the hop is not"
        f' recommended: {risk.words()}. Find out, then set {key}: "true" in ampora_acks.'
    )
    return Finding("conditional-edge", "ack", text, version, _link(risk))


def _link(risk: Risk) -> tuple[str, ...]:
    return (risk.link,) if risk.link else ()


def read(document: object, source: str) -> Graph:
    """The graph of a document (docs/schemas/upgrade-graph.json); all that is wrong with it at once."""
    what = f"The upgrade graph {source} (ampora_upgrade_graph)"
    fields = Fields(document, what)
    fields.only(("format", "bad", "edges"))
    if isinstance(document, Mapping) and document.get("format") != FORMAT:
        fields.wrong(f"format must be {FORMAT}")
    entries = {name: _entries(document, name, fields) for name in ("bad", "edges")}
    graph = Graph(*(tuple(_risk(entry, f"{name}[{index}]", name, fields) for index, entry in enumerate(entries[name])) for name in entries))
    ids = [risk.id for risk in (*graph.bad, *graph.edges)]
    for name in sorted(name for name, count in Counter(ids).items() if name and count > 1):
        fields.wrong(f"the id {quote(name)} is there twice")
    fields.finish("Correct it as docs/upgrade-graph.md says.")
    return graph


def _entries(document: object, name: str, fields: Fields) -> list[Any]:
    found = document.get(name, []) if isinstance(document, Mapping) else []
    if not isinstance(found, list) or len(found) > MOST_ENTRIES:
        fields.wrong(f"{name} must be a list of at most {MOST_ENTRIES} entries")
        return []
    return found


def _risk(entry: object, where: str, kind: str, fields: Fields) -> Risk:
    names = (
        ("id", "versions", "reason", "link", "until")
        if kind == "bad"
        else ("id", "from", "to", "change", "reason", "link", "until", "promql")
    )
    found: Mapping[str, Any] = entry if isinstance(entry, Mapping) else {}
    for name in sorted(str(key) for key in found if key not in names):
        fields.wrong(f"{where}.{name} is not a field of it (known: {', '.join(names)})")
    texts = {name: _text(found.get(name, ""), f"{where}.{name}", fields) for name in names}
    for name in ("id", "reason"):
        if not texts[name]:
            fields.wrong(f"{where}.{name} is missing")
    if texts["link"] and not texts["link"].startswith(("https://", "http://")):
        fields.wrong(f"{where}.link is {quote(texts['link'])} and must be an address by http or https")
    if texts.get("change", "") not in CHANGES:
        fields.wrong(f"{where}.change is {quote(texts['change'])} and must be patch, minor or major")
    return Risk(
        id=texts["id"],
        reason=texts["reason"],
        link=texts["link"],
        until=_version(texts["until"], f"{where}.until", fields),
        target=_range(texts["versions" if kind == "bad" else "to"], f"{where}.{'versions' if kind == 'bad' else 'to'}", fields),
        source=_NOTHING if kind == "bad" else _range(texts["from"], f"{where}.from", fields),
        change=texts.get("change", ""),
        promql=texts.get("promql", ""),
    )


def _text(value: object, where: str, fields: Fields) -> str:
    if isinstance(value, str) and len(value) <= 10_000:
        return value.strip()
    fields.wrong(f"{where} must be a text")
    return ""


def _version(text: str, where: str, fields: Fields) -> semver.Version | None:
    if not text:
        return None
    try:
        return parse(text, where)
    except UpgradeError as error:
        fields.wrong(error.message.rstrip("."))
        return None


def _range(text: str, where: str, fields: Fields) -> Range:
    try:
        return parse_range(text, where)
    except UpgradeError as error:
        fields.wrong(error.message.rstrip("."))
        return _NOTHING
