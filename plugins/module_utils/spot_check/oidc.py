# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why an OIDC login fails, in words: the documented faults, told from what the browser and the pods' logs say.

Source: the product's pages on OIDC and on its troubleshooting. The application shows only that something failed, so the
reason is mostly in its log, in the words of .NET's or another library.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """What is wrong and what to do; {home} in them is the application's address."""

    text: str
    next_step: str


_I = re.IGNORECASE
# In order: the more special words first.
_FAULTS: tuple[tuple[re.Pattern[str], Fault], ...] = (
    (
        re.compile(r"redirect[_ ]?ur[il]|reply (?:url|address)|AADSTS50011|callback url mismatch", _I),
        Fault(
            "the identity provider does not know the redirect URI",
            "Allow {home}/signin-oidc as a redirect URI of the client at the identity provider.",
        ),
    ),
    (
        re.compile(
            r"IDX10205|issuer (?:validation failed|mismatch|is invalid)|issuer\b.{0,200}?(?:did|does) not match|different provider"
            r"|unexpected issuer|invalid issuer",
            _I,
        ),
        Fault(
            "the issuer is not the one that is configured",
            "Authentication:Oidc:Authority must equal the provider's issuer exactly, to the last slash.",
        ),
    ),
    (
        re.compile(r"invalid_client|unauthorized_client|AADSTS7000215|client authentication failed|invalid client secret", _I),
        Fault(
            "the identity provider does not accept the client secret",
            "Check Authentication:Oidc:ClientSecret, and whether the provider wants ClientSecretBasic in ClientAuthentication.",
        ),
    ),
    (
        re.compile(
            r"IDX1022[235]|IDX10230|token (?:is|has) expired|lifetime validation|not (?:yet valid|valid yet)|before the nbf|clock", _I
        ),
        Fault(
            "the token's time is not accepted: the clocks of the identity provider and of the pods differ by more than 5 minutes",
            "Set the clocks right (NTP) on both sides.",
        ),
    ),
    (
        re.compile(r"access ?denied|(?:role|tenant) claim|not assigned|AADSTS50105", _I),
        Fault(
            "the user has no access: the claim of the role or of the tenant is missing",
            "Give the user a role and a tenant at the identity provider, as claims that Authentication:Oidc names.",
        ),
    ),
    (
        re.compile(r"invalid (?:user ?name|user|credentials|login|e-?mail)|wrong password|incorrect|AADSTS50126|invalid_grant", _I),
        Fault("the identity provider does not accept the user or the password", "Check ampora_login_username and ampora_login_password."),
    ),
    (
        re.compile(r"correlation failed|correlation cookie|state is not the one|nonce", _I),
        Fault(
            "the application does not recognise its own login attempt",
            "Check that ampora_url is the public address, with https where cookies are Secure, and that all pods share the master key.",
        ),
    ),
    (
        re.compile(r"IDX20803|provider cannot be reached|no such host|connection refused|name or service not known|ERR_CONNECTION", _I),
        Fault(
            "the identity provider cannot be reached",
            "Check Authentication:Oidc:Authority and the network of the pods and of this controller.",
        ),
    ),
    (
        re.compile(
            r"required action|update (?:account|password|profile)|verify (?:your )?e-?mail|two-factor|one-time|multi-?factor|authenticator",
            _I,
        ),
        Fault(
            "the identity provider asks the user for something more",
            "Use a user for checks that has nothing left to do and no second factor.",
        ),
    ),
)


def diagnose(texts: Sequence[str]) -> Fault | None:
    """The first documented fault that the texts tell; None when they tell none. Give the surest text first."""
    for text in texts:
        for pattern, fault in _FAULTS:
            if pattern.search(text):
                return fault
    return None
