# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rules of a role grant, as Kubernetes matches them (https://kubernetes.io/docs/reference/access-authn-authz/rbac/)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

ALL = "*"


def granted(rules: Iterable[Mapping[str, Any]], verb: str, group: str, resource: str, subresource: str = "") -> bool:
    """Whether one of the rules grants this for objects of every name."""
    resources = {ALL, f"{resource}/{subresource}", f"{ALL}/{subresource}"} if subresource else {ALL, resource}
    return any(
        not {ALL, verb}.isdisjoint(rule.get("verbs") or ())
        and not {ALL, group}.isdisjoint(rule.get("apiGroups") or ())
        and not resources.isdisjoint(rule.get("resources") or ())
        and not rule.get("resourceNames")
        for rule in rules
    )
