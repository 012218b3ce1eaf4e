# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which products of a CSAF 2.0 document are ours, and which versions each of their ids means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.advisory import (
    Affected,
    exactly,
    is_about,
    read_version,
)
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.values import MOST_ENTRIES, entries, mapping, text
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.vers import read_vers

if TYPE_CHECKING:
    import semver

# After a name: the beginning of something about versions, and not of another product's name ("Ampora Agent 0.9.0").
_OF_VERSIONS = re.compile(r"\s+(?:v?[0-9]|[<>=]|(?:all|any|before|from|prior|through|until|up|versions?)\b)", re.IGNORECASE)


@dataclass(frozen=True)
class Product:
    """What one product id means: a version, a range, or a problem that says why it is not known."""

    versions: Affected = Affected()
    version: semver.Version | None = None  # set when it is one exact version
    problem: str = ""


@dataclass(frozen=True)
class _Place:
    """What the branches on the way to one say."""

    branch: Mapping[str, Any]
    name: str = ""
    category: str = ""
    version: str = ""


def own_products(tree: Mapping[str, Any], package: str) -> dict[str, Product]:
    """Our products by id, from the three parts of the product_tree (section 3.2.2 of CSAF 2.0)."""
    found: dict[str, Product] = {}
    for place in _walk(tree):
        product = mapping(place.branch.get("product"))
        if text(product.get("product_id")):
            meant = _of_branch(place, package) if place.name else _of_full_name(text(product.get("name")), package)
            if meant is not None:
                found[text(product["product_id"])] = meant
    for product in map(mapping, entries(tree.get("full_product_names"))):
        meant = _of_full_name(text(product.get("name")), package)
        if meant is not None and text(product.get("product_id")):
            found[text(product["product_id"])] = meant
    for relation in map(mapping, entries(tree.get("relationships"))):
        _relate(relation, found)
    return found


def _walk(tree: Mapping[str, Any]) -> Iterator[_Place]:
    """Every branch below; without recursion, since the depth is the document's to choose."""
    waiting = [_Place(mapping(branch)) for branch in entries(tree.get("branches"))]
    count = 0
    while waiting:
        count += 1
        if count > MOST_ENTRIES:
            raise UpgradeError(f"its product_tree has more than {MOST_ENTRIES} branches")
        above = waiting.pop()
        category, said = text(above.branch.get("category")), text(above.branch.get("name"))
        place = _Place(
            above.branch,
            said if category == "product_name" else above.name,
            category if category.startswith("product_version") else above.category,
            said if category.startswith("product_version") else above.version,
        )
        yield place
        waiting += [_Place(mapping(branch), place.name, place.category, place.version) for branch in entries(place.branch.get("branches"))]


def _of_branch(place: _Place, package: str) -> Product | None:
    if not is_about(place.name, package):
        return None
    if not place.category:
        return Product(problem=f"the product {quote(place.name)} is named without a version")
    return _product(place.version, is_range=place.category == "product_version_range")


def _of_full_name(name: str, package: str) -> Product | None:
    """ "Ampora 1.4.2": the last word is the version, and what stands before it the name."""
    if is_about(name, package):
        return Product(problem=f"the product {quote(name)} is named without a version")
    before, _space, last = name.rpartition(" ")
    if is_about(before, package):
        return _product(last, is_range=False)
    rest = name[len(package.strip()) :]
    if is_about(name[: len(package.strip())], package) and _OF_VERSIONS.match(rest):
        return Product(problem=f"the product {quote(name)} is not a name and one version")
    return None


def _product(said: str, *, is_range: bool) -> Product:
    try:
        if is_range:
            return Product(read_vers(said))
        version = read_version(said, "a product version")
    except UpgradeError as error:
        return Product(problem=error.message.rstrip("."))
    return Product(Affected((exactly(version),)), version)


def _relate(relation: Mapping[str, Any], found: dict[str, Product]) -> None:
    """A product with another one is ours when its first half is (ours on a platform), or when the other is a component of ours."""
    related = text(mapping(relation.get("full_product_name")).get("product_id"))
    ours = found.get(text(relation.get("product_reference")))
    if ours is None and text(relation.get("category")).endswith("_component_of"):
        ours = found.get(text(relation.get("relates_to_product_reference")))
    if related and ours is not None:
        found.setdefault(related, ours)
