# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Advisories in the form of CSAF 2.0, https://docs.oasis-open.org/csaf/csaf/v2.0/os/csaf-v2.0-os.html."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.advisory import Advisory, Affected, exactly
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.csaf_products import Product, own_products
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.cvss import severity, worst
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.osv import walk
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.values import (
    address,
    entries,
    line,
    mapping,
    moment,
    names,
    shown,
    text,
    texts,
)
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version import bare
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version_range import Range

_MENDED = ("fixed", "first_fixed", "recommended", "known_not_affected")
_AFFECTED = ("known_affected", "first_affected", "last_affected")
_READ = (*_AFFECTED, *_MENDED, "under_investigation")
_KNOWN_ELSEWHERE = ("CVE-", "GHSA-", "GMS-", "EUVD-")  # other ids of section 3.2.3.6 may be tickets, with several vulnerabilities each


@dataclass(frozen=True)
class _Document:
    """What every vulnerability of a document takes from its head."""

    id: str
    head: Mapping[str, Any]
    tracking: Mapping[str, Any]
    alone: bool  # the only vulnerability, so that the document's id is a name of it


def is_csaf(document: Mapping[str, Any]) -> bool:
    return "csaf_version" in mapping(document.get("document"))


def read(document: Mapping[str, Any], package: str) -> list[Advisory]:
    """An advisory for each vulnerability that says something of our product."""
    head = mapping(document.get("document"))
    if text(head.get("csaf_version")) != "2.0":
        raise UpgradeError(f"its csaf_version is {shown(head.get('csaf_version'))}, and only 2.0 is read")
    products = own_products(mapping(document.get("product_tree")), package)
    if not products:
        return []
    tracking = mapping(head.get("tracking"))
    vulnerabilities = [mapping(entry) for entry in entries(document.get("vulnerabilities"))]
    about = _Document("-".join(text(tracking.get("id")).split()), head, tracking, len(vulnerabilities) == 1)
    found = [_advisory(about, number, entry, products) for number, entry in enumerate(vulnerabilities, 1)]
    return [advisory for advisory in found if advisory is not None]


def _advisory(about: _Document, number: int, entry: Mapping[str, Any], products: Mapping[str, Product]) -> Advisory | None:
    status = mapping(entry.get("product_status"))
    listed = {group: [products[key] for key in texts(value) if key in products] for group, value in status.items() if group in _READ}
    if not any(listed.get(group) for group in (*_AFFECTED, "under_investigation")):
        return None
    others = [text(mapping(item).get("text")) for item in entries(entry.get("ids"))]
    numbered = about.id if about.alone or not about.id else f"{about.id}#{number}"
    elsewhere = [other for other in others if other.upper().startswith(_KNOWN_ELSEWHERE)]
    known = names([entry.get("cve"), *elsewhere, numbered])
    if not known:
        raise UpgradeError(f"its vulnerability {number} has neither a CVE nor an id, and the document has no tracking id")
    affected, problems = _evaluate(listed)
    draft = "draft: " if text(about.tracking.get("status")) == "draft" else ""
    scores = [mapping(score) for score in entries(entry.get("scores"))]
    return Advisory(
        id=known[0],
        document=f"csaf {about.id}" if about.id else "",
        modified=moment(about.tracking.get("current_release_date")),
        aliases=known[1:],
        summary=line(f"{draft}{line(entry.get('title'), about.head.get('title'))}"),
        severity=worst(_severity(score) for score in scores if set(texts(score.get("products"))) & set(products)),
        url=address(mapping(item).get("url") for part in (entry, about.head) for item in entries(part.get("references"))),
        affected=affected,
        investigated=tuple(part for product in listed.get("under_investigation", []) for part in product.versions.within),
        problems=tuple(problems),
    )


def _severity(score: Mapping[str, Any]) -> str:
    """Of the CVSS 3 score, as it is stated, else by its number or vector."""
    cvss = mapping(score.get("cvss_v3"))
    return next((word for field in ("baseSeverity", "baseScore", "vectorString") if (word := severity(cvss.get(field)))), "")


def _evaluate(listed: Mapping[str, Sequence[Product]]) -> tuple[tuple[Affected, ...], list[str]]:
    """The versions that product_status (section 3.2.3.9) says are affected, and what of it could not be evaluated.

    One exact version that is mended or not affected is left out of a range that is affected, as the more precise statement;
    a range is not, nor an exact version that is stated to be affected too: where a document contradicts itself, affected holds.
    """
    shown = [product for group in (*_AFFECTED, "under_investigation") for product in listed.get(group, ())]
    problems = list(dict.fromkeys(product.problem for product in shown if product.problem))
    exact = {product.version for group in _AFFECTED for product in listed.get(group, ())}
    mended = {product.version for group in _MENDED for product in listed.get(group, ()) if product.version} - exact
    without = tuple(exactly(version) for version in sorted(mended))
    known = [product.versions for product in listed.get("known_affected", ())]
    trains, unclear = _trains(listed, known)
    affected = [Affected(part.within, (*part.without, *without)) for part in (*known, Affected(tuple(trains)))]
    return tuple(part for part in affected if part.within), problems + unclear


def _trains(listed: Mapping[str, Sequence[Product]], known: Sequence[Affected]) -> tuple[list[Range], list[str]]:
    """From each first affected version to the last one after it. One without its other end only says that itself is affected."""
    groups = (("introduced", listed.get("first_affected", ())), ("last_affected", listed.get("last_affected", ())))
    ends = [(kind, product.version) for kind, products in groups for product in products if product.version]
    closed = [part for part in walk(ends) if len(part.comparisons) == 2]
    covered = [*known, Affected(tuple(closed))]
    alone = [bare(version) for _kind, version in ends if not any(part.contains(version) for part in covered)]
    problems = [f"it names {version} as the first or the last affected version, and not the other end" for version in alone]
    loose = [part for _kind, products in groups for product in products for part in product.versions.within]
    return [*loose, *closed], problems
