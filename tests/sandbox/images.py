# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images without a daemon: `crane` puts layers and settings together in the registry.

Every image is an OCI index over one amd64 manifest, as multi-platform images are, so that the digest of the index (what people
pin) is not the digest of the manifest (what runs): a tool that mixes them up fails here and not only in production.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.sandbox import build, postgres_image
from tests.sandbox.commands import SandboxError, run
from tests.sandbox.settings import SETTINGS


@dataclass(frozen=True)
class Image:
    repository: str
    tag: str
    layer: Path
    entrypoint: Sequence[str]
    cmd: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    ports: Sequence[int] = ()

    def push(self, registry: str) -> str:
        """Put the image into the registry and return the digest of its index."""
        name = f"{registry}/{self.repository}"
        crane: list[str | Path] = [build.CRANE.build(), "--insecure"]
        layer = run([*crane, "append", "--oci-empty-base", "--new_layer", self.layer, "--new_tag", f"{name}:{self.tag}"]).strip()
        manifest = run([*crane, "mutate", layer, "--repo", name, "--set-platform", "linux/amd64", *self._settings()]).strip()
        run([*crane, "index", "append", "--manifest", manifest, "--tag", f"{name}:{self.tag}"])
        return self.digest(registry)

    def digest(self, registry: str) -> str:
        """Of the index in the registry; empty when there is none."""
        try:
            return run([build.CRANE.build(), "--insecure", "digest", f"{registry}/{self.repository}:{self.tag}"]).strip()
        except SandboxError as error:
            if "NAME_UNKNOWN" in str(error) or "MANIFEST_UNKNOWN" in str(error):
                return ""
            raise

    def _settings(self) -> list[str]:
        words = ["--entrypoint", ",".join(self.entrypoint)]
        if self.cmd:
            words += ["--cmd", ",".join(self.cmd)]
        if self.user:
            words += ["--user", self.user]
        for flag, pairs in (("--env", self.env), ("--label", self.labels)):
            for key, value in pairs.items():
                words += [flag, f"{key}={value}"]
        for port in self.ports:
            words += ["--exposed-ports", f"{port}/tcp"]
        return words


def binary_layer(binary: Path, name: str, folder: Path) -> Path:
    """A layer of one static program at /NAME."""
    layer = folder / f"{name}.tar.gz"
    order = ["--owner=0", "--group=0", "--numeric-owner", "--mtime=@0", f"--transform=s|.*|{name}|"]
    run(["tar", "-C", binary.parent, *order, "--use-compress-program=gzip -n -1", "-cf", layer, binary.name])
    return layer


def push_pause(registry: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        layer = binary_layer(build.PAUSE.build(), "pause", Path(folder))
        Image("pause", "1", layer, ["/pause"]).push(registry)


def push_postgres(registry: str) -> str:
    version = SETTINGS.versions.postgres
    return Image(
        "postgres",
        version,
        postgres_image.layer(),
        ["/usr/local/bin/entrypoint.sh"],
        ["postgres"],
        {
            "PATH": f"/usr/lib/postgresql/{version}/bin:/usr/local/bin:/usr/bin:/bin",
            "PG_MAJOR": version,
            "PGDATA": "/var/lib/postgresql/data/pgdata",
            "LANG": "C.UTF-8",
        },
        user="999:999",
        ports=[5432],
    ).push(registry)


def push_ampora(registry: str) -> list[str]:
    """One binary for all versions; which one it is says the image's environment. Returns the tags that changed by this."""
    changed = []
    with tempfile.TemporaryDirectory() as folder:
        layer = binary_layer(build.AMPORA.build(), "ampora", Path(folder))
        for version in SETTINGS.versions.ampora:
            image = Image(
                "ampora/ampora-web",
                version,
                layer,
                ["/ampora"],
                ["serve"],
                {"AMPORA_VERSION": version},
                {"org.opencontainers.image.version": version, "org.opencontainers.image.title": "ampora-web"},
                user="1654:1654",
                ports=[8080],
            )
            before = image.digest(registry)
            if image.push(registry) != before and before:
                changed.append(f"{registry}/{image.repository}:{image.tag}")
    return changed
