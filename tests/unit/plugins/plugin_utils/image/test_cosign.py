# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The port with a `cosign` that the test makes; the real one is in tests/extended."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.credentials import Credentials
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.cosign import Cosign, asked_for
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.registry_credentials import docker_config

DIGEST = "sha256:" + "a" * 64
IMAGE = parse(f"reg.example/ampora/ampora-web@{DIGEST}")
SIGNED = json.dumps([{"critical": {"image": {"docker-manifest-digest": DIGEST}}}])
SCRIPT = """#!{python}
import json, os, pathlib, sys
here = pathlib.Path(__file__).parent
config = pathlib.Path(os.environ["DOCKER_CONFIG"])
call = {{"argv": sys.argv[1:], "config": (config / "config.json").read_text(), "mode": oct(config.stat().st_mode & 0o777)}}
with (here / "calls").open("a") as file:
    file.write(json.dumps(call) + "\\n")
answer = json.loads((here / sys.argv[1]).read_text())
sys.stderr.write(answer[1])
sys.stdout.write(answer[0])
sys.exit(answer[2])
"""


class Program:
    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "cosign"
        self.path.write_text(SCRIPT.format(python=sys.executable), encoding="utf-8")
        self.path.chmod(self.path.stat().st_mode | stat.S_IXUSR)
        self.key = folder / "cosign.pub"
        self.key.write_text("a public key", encoding="utf-8")
        self.answer("verify", SIGNED)

    def answer(self, verb: str, stdout: str = "", stderr: str = "", status: int = 0) -> None:
        (self.folder / verb).write_text(json.dumps([stdout, stderr, status]), encoding="utf-8")

    def options(self, **more: Any) -> dict[str, Any]:
        given = {"key": str(self.key), "identity": "", "issuer": "", "attestation": "", "log": True, "timeout": 20}
        return {**given, "cosign": str(self.path), **more}

    def verify(self, *, plain_http: bool = False, config: Any = None, **more: Any) -> dict[str, Any]:
        return Cosign(self.options(**more), plain_http=plain_http, config=config or {"auths": {}}).verify(IMAGE, "1.5.0")

    def calls(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "calls").read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def test_by_a_key(program: Program) -> None:
    assert program.verify() == {"by": "key cosign.pub", "signatures": 1, "attested_version": ""}
    assert program.calls()[0]["argv"] == ["verify", f"--key={program.key}", "--output=json", str(IMAGE)]


def test_by_an_identity(program: Program) -> None:
    found = program.verify(key="", identity="https://ci.example/release", issuer="https://id.example")
    assert found["by"] == "https://ci.example/release of https://id.example"
    wanted = ["--certificate-identity=https://ci.example/release", "--certificate-oidc-issuer=https://id.example"]
    assert program.calls()[0]["argv"][1:3] == wanted


def test_a_house_of_its_own(program: Program) -> None:
    program.verify(log=False, plain_http=True)
    assert program.calls()[0]["argv"][2:4] == ["--insecure-ignore-tlog=true", "--allow-http-registry"]


def test_the_credentials_go_by_a_file_that_nobody_else_can_read(program: Program) -> None:
    program.verify(config=docker_config("reg.example", Credentials("ada", "s3cret-pass")))
    (call,) = program.calls()
    assert (call["mode"], "reg.example" in call["config"]) == ("0o700", True)
    assert "s3cret-pass" not in json.dumps(call["argv"])


def test_an_attestation_too(program: Program) -> None:
    program.answer("verify-attestation", json.dumps({"payload": "eyJwcmVkaWNhdGUiOiB7InZlcnNpb24iOiAiMS41LjAifX0="}))
    assert program.verify(attestation="custom")["attested_version"] == "1.5.0"
    assert program.calls()[1]["argv"][-2:] == ["--type=custom", str(IMAGE)]


def test_what_is_not_signed(program: Program) -> None:
    program.answer("verify", stderr="WARNING: something\nError: no signatures found\n", status=10)
    with pytest.raises(UpgradeError) as error:
        program.verify()
    assert error.value.message == f"It is not proven that {IMAGE} has a signature by key cosign.pub: Error: no signatures found."


def test_no_such_program(program: Program) -> None:
    with pytest.raises(UpgradeError, match=r"^ampora_cosign is /nowhere/cosign: it cannot be run \(No such file or directory\)"):
        program.verify(cosign="/nowhere/cosign")


def test_a_program_that_hangs(program: Program) -> None:
    program.path.write_text(f"#!{sys.executable}\nimport time\ntime.sleep(30)\n", encoding="utf-8")
    with pytest.raises(UpgradeError, match=r"^cosign verify did not end in 1 s"):
        program.verify(timeout=1)


@pytest.mark.parametrize(
    ("more", "expected"),
    [({}, True), ({"key": ""}, False), ({"key": "", "identity": "a", "issuer": "b"}, True)],
)
def test_whether_a_signature_is_asked_for(program: Program, more: dict[str, str], expected: bool) -> None:
    assert asked_for(program.options(**more)) == expected


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"identity": "a"}, "ampora_signature_identity and ampora_signature_issuer belong together"),
        ({"issuer": "a"}, "belong together"),
        ({"key": "/nowhere.pub"}, "ampora_signature_key is /nowhere.pub: there is no such file"),
    ],
)
def test_half_a_question(program: Program, more: dict[str, str], message: str) -> None:
    with pytest.raises(UpgradeError, match=message):
        asked_for(program.options(**more))
