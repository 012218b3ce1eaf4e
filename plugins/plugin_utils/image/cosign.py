# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The signature port: the cosign program itself, which knows the forms that signatures take in registries.

No library verifies what cosign stores in registries for both keys and keyless identities (docs/libraries.md). Registry
credentials go by a docker config in a folder that only this user can read, never by an argument.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import ImageReference
from ansible_collections.ampora.upgrades.plugins.module_utils.image.signature import require_digest, require_version


def asked_for(options: Mapping[str, Any]) -> bool:
    """Whether a signature is asked for; half an identity proves nothing and is refused."""
    if bool(options["identity"]) != bool(options["issuer"]):
        raise UpgradeError(
            "ampora_signature_identity and ampora_signature_issuer belong together: an identity of any issuer proves nothing.",
            next_step="Set both, or neither.",
        )
    if options["key"] and not Path(options["key"]).is_file():
        raise UpgradeError(f"ampora_signature_key is {options['key']}: there is no such file.", next_step="Name cosign's public key.")
    return bool(options["key"] or options["identity"])


class Cosign:
    """Verifies digests by one key or identity; `config` is the docker config that cosign reads."""

    def __init__(self, options: Mapping[str, Any], *, plain_http: bool, config: Mapping[str, Any]) -> None:
        self._options = options
        self._config = config
        self._plain = ["--allow-http-registry"] if plain_http else []

    def verify(self, image: ImageReference, version: str) -> dict[str, Any]:
        """Who signed the digest, how often, and the version that an attestation names; UpgradeError when it is not proven."""
        name = str(image)
        signatures = require_digest(self._run("verify", ["--output=json"], name), name, image.digest)
        attested = ""
        if kind := self._options["attestation"]:
            attested = require_version(self._run("verify-attestation", [f"--type={kind}"], name), name, version)
        return {"by": self._who(), "signatures": signatures, "attested_version": attested}

    def _who(self) -> str:
        options = self._options
        return f"key {Path(options['key']).name}" if options["key"] else f"{options['identity']} of {options['issuer']}"

    def _run(self, verb: str, arguments: Sequence[str], image: str) -> str:
        options = self._options
        who = (
            [f"--key={options['key']}"]
            if options["key"]
            else [f"--certificate-identity={options['identity']}", f"--certificate-oidc-issuer={options['issuer']}"]
        )
        log = [] if options["log"] else ["--insecure-ignore-tlog=true"]
        argv = [options["cosign"], verb, *who, *log, *self._plain, *arguments, image]
        with tempfile.TemporaryDirectory(prefix="cosign-") as folder:  # made with mode 0700
            (Path(folder) / "config.json").write_text(json.dumps(self._config), encoding="utf-8")
            try:
                done = subprocess.run(
                    argv,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    timeout=options["timeout"],
                    check=False,
                    env={**os.environ, "DOCKER_CONFIG": folder},
                )
            except OSError as error:
                raise UpgradeError(
                    f"ampora_cosign is {options['cosign']}: it cannot be run ({error.strerror}), and a signature is asked for.",
                    next_step="Install cosign 2.2 or newer on the controller, or name it.",
                ) from error
            except subprocess.TimeoutExpired as error:
                raise UpgradeError(
                    f"cosign {verb} did not end in {options['timeout']} s.",
                    next_step="Check the registry; where the public log cannot be reached, set ampora_signature_log to false for a key.",
                ) from error
        if done.returncode != 0:
            lines = tuple(line for line in done.stderr.strip().splitlines() if line and not line.startswith("WARNING"))[-5:]
            what = "an attestation" if verb == "verify-attestation" else "a signature"
            raise UpgradeError(
                f"It is not proven that {image} has {what} by {self._who()}: {lines[-1] if lines else 'cosign gives no reason'}.",
                next_step="Do not use this image before its publisher has explained it.",
                evidence=lines,
            )
        return done.stdout
