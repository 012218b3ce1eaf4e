# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.spot_check.oidc import diagnose


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Invalid parameter: redirect_uri", "redirect URI"),  # Keycloak
        ("AADSTS50011: The redirect URI 'https://a/signin-oidc' specified in the request does not match", "redirect URI"),
        ("redirect_uri did not match any of the client's registered redirect_uris", "redirect URI"),
        ("IDX10205: Issuer validation failed. Issuer: 'https://id/'. Did not match: validationParameters.ValidIssuer", "issuer"),
        ('oidc: id token issued by a different provider, expected "a" got "b"', "issuer"),
        (
            'oidc: issuer URL provided to client ("https://id/a/") did not match the issuer URL returned by provider ("https://id/a")'
            " The identity provider cannot be reached",
            "issuer",
        ),
        ("The issuer https://id/a does not match the configured one", "issuer"),
        ('oauth2: "invalid_client" "Client authentication failed"', "client secret"),
        ("AADSTS7000215: Invalid client secret provided.", "client secret"),
        ("IDX10223: Lifetime validation failed. The token is expired.", "clocks"),
        ("oidc: token is expired (Token Expiry: 2026-11-25)", "clocks"),
        ("Access denied: AccessDenied: the role or the tenant claim is missing", "claim"),
        ("AADSTS50105: The signed in user is not assigned to a role for the application", "claim"),
        ("Invalid username or password.", "the user or the password"),
        ("AADSTS50126: Error validating credentials due to invalid username or password.", "the user or the password"),
        ("Correlation failed.", "its own login attempt"),
        ('IDX20803: Unable to obtain configuration from: "https://id"', "cannot be reached"),
        ("dial tcp: lookup id.example: no such host", "cannot be reached"),
        ("You need to update your user profile: Update Account Information", "something more"),
        ("Enter the code of your authenticator", "something more"),
    ],
)
def test_the_documented_faults(text: str, words: str) -> None:
    found = diagnose([text])
    assert found is not None and words in found.text
    assert found.next_step.format(home="https://a").endswith(".")


def test_the_surest_text_decides() -> None:
    found = diagnose(["An error occurred.", 'oauth2: "invalid_client"', "Invalid username or password"])
    assert found is not None and "client secret" in found.text
    assert diagnose([]) is None
    assert diagnose(["An error occurred while processing your request."]) is None
