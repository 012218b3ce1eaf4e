# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the option `signature`."""

from __future__ import annotations


class ModuleDocFragment:
    """Who must have signed the image."""

    DOCUMENTATION = r"""
options:
  signature:
    description: Who must have signed the digest that is pinned; nobody is asked for when both C(key) and C(identity) are empty.
    type: dict
    suboptions:
      key:
        description: cosign's public key.
        type: path
        default: ''
      identity:
        description: The identity in the certificate of a keyless signature; needs O(signature.issuer) too.
        type: str
        default: ''
      issuer:
        description: The OIDC issuer of that identity.
        type: str
        default: ''
      attestation:
        description: The predicate type of an attestation that must be there too; a version that it names must be the target.
        type: str
        default: ''
      log:
        description: Whether the signature must be in the public transparency log.
        type: bool
        default: true
      cosign:
        description: The cosign program on the controller.
        type: str
        default: cosign
      timeout:
        description: Seconds that cosign may take.
        type: int
        default: 60
"""
