# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the digest that is pinned is signed, with the credentials by which its registry is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import ImageReference
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster
from ansible_collections.ampora.upgrades.plugins.plugin_utils.deployed import credential_sources
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.cosign import Cosign, asked_for
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.registry_credentials import choose, docker_config


def verify(cluster: Cluster, image: ImageReference, version: str, args: Mapping[str, Any]) -> dict[str, Any]:
    """What cosign proves of the digest (by, signatures, attested_version); empty when no signature is asked for."""
    if not asked_for(args["signature"]):
        return {}
    registry = args["registry"]
    credentials = choose(credential_sources(cluster, registry), image.registry, image.repository)
    config = docker_config(image.registry, credentials)
    return Cosign(args["signature"], plain_http=registry["plain_http"], config=config).verify(image, version)
