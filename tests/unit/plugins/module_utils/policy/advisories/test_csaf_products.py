# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
import semver
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.csaf_products import own_products

VERSION = semver.Version.parse("1.4.2")


def branch(category: str, name: str, *branches: object, product: str = "") -> dict[str, object]:
    return {"category": category, "name": name, "branches": list(branches), **({"product": {"product_id": product}} if product else {})}


def test_our_products_by_their_ids() -> None:
    versions = (branch("product_version", "1.4.2", product="P1"), branch("product_version_range", "vers:semver/<1.4.3", product="P2"))
    tree = {
        "branches": [branch("vendor", "V", branch("product_name", "Ampora", *versions))],
        "full_product_names": [{"product_id": "P3", "name": "Ampora 1.4.2"}, {"product_id": "P4", "name": "Other 1.4.2"}],
    }
    found = own_products(tree, "ampora")
    assert sorted(found) == ["P1", "P2", "P3"]
    assert found["P1"].version == found["P3"].version == VERSION
    assert found["P2"].version is None
    assert found["P2"].versions.contains(VERSION)
    assert [product.problem for product in found.values()] == ["", "", ""]


def test_another_product_is_none_of_ours() -> None:
    assert own_products({"branches": [branch("product_name", "Other", branch("product_version", "1.4.2", product="P1"))]}, "ampora") == {}


def test_a_range_in_free_words_is_a_problem() -> None:
    tree = {"branches": [branch("product_name", "Ampora", branch("product_version_range", "all the old ones", product="P1"))]}
    assert "all the old ones" in own_products(tree, "ampora")["P1"].problem


def test_a_tree_has_ten_thousand_branches_at_most() -> None:
    many = [branch("product_version", "1.4.2") for _number in range(9_999)]
    tree = {"branches": [branch("product_name", "Ampora", *many)]}
    assert own_products(tree, "ampora") == {}
    tree["branches"].append(branch("vendor", "V"))
    with pytest.raises(UpgradeError, match="its product_tree has more than 10000 branches"):
        own_products(tree, "ampora")
