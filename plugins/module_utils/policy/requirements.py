# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The oldest PostgreSQL, Kubernetes and agents that a release takes, as its notes state them, and whether this deployment has them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.lower_case import lower

if TYPE_CHECKING:
    from ansible_collections.ampora.upgrades.plugins.module_utils.policy.notes.items import Item

Product = Literal["postgresql", "kubernetes", "agent"]

_LONGEST = 20_000  # characters of one item that are read
_NEAR = 90  # characters after a product's name in which its version begins
_PRODUCTS: dict[Product, str] = {
    "postgresql": r"postgres(?:ql)?(?:\sservers?)?",
    "kubernetes": r"kubernetes|k8s",
    "agent": r"(?:opentelemetry\s|otel\s|opamp\s)?(?:collectors?|agents?|supervisors?)(?:\scontrib)?",
}
_PRODUCT = re.compile("|".join(rf"(?P<{name}>\b(?:{forms})(?![\w-]))" for name, forms in _PRODUCTS.items()))
_STEMS = ("postgres", "kubernetes", "k8s", "collector", "agent", "supervisor")  # of which every name has one
_VERSION = re.compile(
    r"(?<![\w.])v?(\d{1,4}(?:\.\d{1,4}){0,2})(?:\.x)?(?=\+|[^\w.%]|\.(?:\s|$)|$)(?!\s?(?:seconds|minutes|hours|days|%|MB|GB|ms|s\b))"
)
_DIGIT = re.compile(r"\d")
_SENTENCE_END = re.compile(r"[.!?;](?:(?<=;)\s|(?<!;)\s+)")
_OLDER = re.compile(r"^\W{0,3}(?:versions?\s)?(?:older|lower|earlier|less)\sthan\b|^\W{0,3}(?:versions?\s)?(?:before|below|prior\sto|<)")
_NOT_NEEDED = re.compile(r"(?:no longer|not|never)\s(?:require|need|necessary)|optional|\brecommend")
_ENDED = re.compile(
    r"no longer|not supported|unsupported|drop(?:s|ped|ping)?\b|remov(?:e|es|ed|al)|end(?:s|ed)?\s(?:of\s)?support|"
    r"support\s(?:for\s.{0,40})?end(?:s|ed)|refuse|reject|cannot|can't|can not|fails?\b|unable",
)
_NEEDED = re.compile(
    r"requir(?:e|es|ed|ement)|needs?\b|needed|minimum|at least|oldest|must|mandatory|only (?:runs|works)|raised|≥|>=|"
    r"or (?:newer|later|higher|above|greater)|and (?:newer|later|above|up)\b|onwards|update|upgrade|\d\+|prerequisite",
)
_HEADING = re.compile(r"requirement|prerequisite|minimum")


@dataclass(frozen=True)
class Requirement:
    """The oldest version of a product that a release takes."""

    product: Product
    minimum: tuple[int, ...]
    item: Item
    version: str

    def stated(self) -> str:
        return ".".join(str(part) for part in self.minimum)


def requirements(items: Iterable[Item], version: str) -> list[Requirement]:
    """Every minimum version that the items of a version's note state, each once."""
    return list(dict.fromkeys(found for item in items for found in _of_item(item, version)))


def highest(stated: Sequence[Requirement], product: Product) -> Requirement | None:
    """The requirement that holds when several releases of a path state one; for agents it is judged where the agents are read."""
    return max((found for found in stated if found.product == product), key=lambda found: found.minimum, default=None)


def judge(stated: Sequence[Requirement], database_version: int, kubernetes_version: str) -> list[Finding]:
    """What is too old for the releases of the hop. `database_version` is PostgreSQL's server_version_num, 0 when nobody could ask."""
    findings = []
    database = highest(stated, "postgresql")
    if database and database_version and (database_version // 10000, database_version % 10000) < _two(database.minimum):
        text = (
            f"PostgreSQL {database_version // 10000}.{database_version % 10000} serves the database and the release notes of"
            f" {database.version} ask for {database.stated()} or newer: update PostgreSQL first."
        )
        findings.append(Finding("database-too-old-for-release", "block", text, database.version, (database.item.place(),)))
    cluster = highest(stated, "kubernetes")
    if cluster:
        findings += _judge_kubernetes(cluster, kubernetes_version)
    return findings


def _judge_kubernetes(required: Requirement, running: str) -> list[Finding]:
    evidence = (required.item.place(),)
    asked = f"the release notes of {required.version} ask for {required.stated()} or newer"
    match = re.match(r"v?(\d{1,4})\.(\d{1,4})", running)
    if not match:
        key = Finding("kubernetes-version-unknown", "ack", "", required.version).ack_key
        text = f'The version of Kubernetes is not known ({quote(running)}) and {asked}: check it, then set {key}: "true" in ampora_acks.'
        return [Finding("kubernetes-version-unknown", "ack", text, required.version, evidence)]
    if (int(match[1]), int(match[2])) >= _two(required.minimum):
        return []
    text = f"Kubernetes {match[1]}.{match[2]} runs this deployment and {asked}: update the cluster first."
    return [Finding("kubernetes-too-old", "block", text, required.version, evidence)]


def _two(version: tuple[int, ...]) -> tuple[int, int]:
    return version[0], version[1] if len(version) > 1 else 0


def _of_item(item: Item, version: str) -> Iterator[Requirement]:
    start, text = 0, item.text[:_LONGEST]
    if not any(map(item.lowered.__contains__, _STEMS)):
        return
    heading = _HEADING.search(lower(item.section)) is not None
    for end in [*(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]:
        for product, minimum in _of_sentence(text[start:end], item.kind, heading=heading):
            yield Requirement(product, minimum, item, version)
        start = end


def _of_sentence(sentence: str, kind: str, *, heading: bool) -> Iterator[tuple[Product, tuple[int, ...]]]:
    lowered = lower(sentence)
    if not _DIGIT.search(sentence) or not any(map(lowered.__contains__, _STEMS)):  # cheaper to ask than the patterns
        return
    names = list(_PRODUCT.finditer(lowered))
    if not names or not _VERSION.search(sentence) or _NOT_NEEDED.search(lowered):
        return
    ended, needed = _ENDED.search(lowered) is not None or kind == "removals", heading or _NEEDED.search(lowered) is not None
    for name, end in zip(names, [*(name.start() for name in names[1:]), len(sentence)], strict=True):
        after = sentence[name.end() : end]
        versions = [tuple(map(int, match[1].split("."))) for match in _VERSION.finditer(after) if match.start() < _NEAR]
        (product,) = (each for each in _PRODUCTS if name[each])
        minimum = _minimum(product, after, versions, ended=ended, needed=needed)
        if minimum:
            yield product, minimum


def _minimum(product: Product, after: str, versions: list[tuple[int, ...]], *, ended: bool, needed: bool) -> tuple[int, ...] | None:
    """ "older than 16" and "16 or newer" name the first that is taken, "15 is no longer supported" the last that is not."""
    if not versions or not (ended or needed):
        return None
    if _OLDER.search(lower(after)):
        return versions[0]
    if ended:
        last = max(versions)
        if product == "postgresql":
            return (last[0] + 1,)
        return (*last[:-1], last[-1] + 1)
    return versions[-1] if re.search(r"\bto\b", after) else min(versions)
