# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""S3: versitygw over a folder, with versions of objects, at one address for this machine and for pods."""

from __future__ import annotations

from tests.sandbox import paths, processes
from tests.sandbox.build import GoProgram
from tests.sandbox.commands import run
from tests.sandbox.extended.tools import answers, await_daemon, process, secret_word
from tests.sandbox.parts import Part
from tests.sandbox.processes import Daemon
from tests.sandbox.settings import SETTINGS

NAME = "s3"
PACKAGES = {"rclone": "rclone"}
BUCKET = "ampora-snapshots"
REGION = "us-east-1"
PROGRAM = GoProgram("versitygw", f"github.com/versity/versitygw/cmd/versitygw@{SETTINGS.extended_versions.versitygw}", about="(2 minutes)")
_ADDRESS = f"{SETTINGS.node_address}:{SETTINGS.extended_ports.s3}"
URL = f"http://{_ADDRESS}"
_FOLDER = paths.EXTENDED / "s3"


def daemon() -> Daemon:
    keys = {"ROOT_ACCESS_KEY": secret_word("s3-access-key"), "ROOT_SECRET_KEY": secret_word("s3-secret-key")}
    store = ("posix", "--versioning-dir", _FOLDER / "versions", _FOLDER / "data")
    return Daemon(NAME, [PROGRAM.build(), "--port", _ADDRESS, "--region", REGION, "--quiet", *store], env=keys)


def build() -> None:
    PROGRAM.build()


def start() -> None:
    for name in ("data", "versions"):
        (_FOLDER / name).mkdir(parents=True, exist_ok=True)
    if daemon().start():
        await_daemon(daemon(), "S3", lambda: answers(URL), timeout=20)
    run(["rclone", "--config=/dev/null", "mkdir", f"sandbox:{BUCKET}"], env=rclone())


def rclone() -> dict[str, str]:
    """The remote `sandbox:` for rclone, which reads its settings from the environment."""
    settings = {
        "TYPE": "s3",
        "PROVIDER": "Other",
        "ENDPOINT": URL,
        "REGION": REGION,
        "ACCESS_KEY_ID": secret_word("s3-access-key"),
        "SECRET_ACCESS_KEY": secret_word("s3-secret-key"),
    }
    # rclone stumbles over a certificate bundle of the user's, and this is plain http.
    return {"AWS_CA_BUNDLE": "", **{f"RCLONE_CONFIG_SANDBOX_{name}": value for name, value in settings.items()}}


def survey() -> list[Part]:
    return [process(NAME, URL)]


def exports() -> dict[str, str]:
    return {
        "S3_URL": URL,
        "S3_REGION": REGION,
        "S3_BUCKET": BUCKET,
        "S3_ACCESS_KEY": secret_word("s3-access-key"),
        "S3_SECRET_KEY": secret_word("s3-secret-key"),
    }


def stop() -> None:
    processes.stop([NAME])


def leftovers() -> list[str]:
    return []
