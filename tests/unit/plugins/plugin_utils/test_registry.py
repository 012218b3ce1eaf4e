# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse
from ansible_collections.ampora.upgrades.plugins.plugin_utils.registry import Registry, ResolvedImage

from tests.unit.doubles.http_server import Answer, Request, closed_port
from tests.unit.doubles.registry_server import INDEX, MANIFEST, TOKEN, RegistryServer, auth_file

PASSWORD = "s3cret-pass"
REPOSITORY = "ampora/ampora-web"


@pytest.fixture
def server() -> Iterator[RegistryServer]:
    found = RegistryServer()
    with found:
        yield found


def registry(server: RegistryServer, auth: Path | None = None) -> Registry:
    return Registry(server.host, plain_http=True, auth_file=str(auth or ""), timeout=5)


def resolve(server: RegistryServer, name: str, auth: Path | None = None) -> ResolvedImage:
    return registry(server, auth).resolve(parse(f"{server.host}/{REPOSITORY}{name}"))


def refused(server: RegistryServer, name: str, auth: Path | None = None) -> UpgradeError:
    with pytest.raises(UpgradeError) as error:
        resolve(server, name, auth)
    assert PASSWORD not in str(error.value)
    assert TOKEN not in str(error.value)
    return error.value


@pytest.fixture
def auth(server: RegistryServer, tmp_path: Path) -> Path:
    path = tmp_path / "config.json"
    path.write_text(auth_file(server.host, PASSWORD), encoding="utf-8")
    return path


# --- resolving


def test_a_tag_of_an_index(server: RegistryServer) -> None:
    digest, children = server.image("1.5.0", platforms=("amd64", "arm64"))
    found = resolve(server, ":1.5.0")
    assert (found.digest, found.children, found.platforms) == (digest, tuple(children), ("linux/amd64", "linux/arm64"))
    assert (found.version, found.labels) == ("1.5.0", {"org.opencontainers.image.version": "1.5.0"})


def test_a_tag_of_one_manifest(server: RegistryServer) -> None:
    digest = server.manifest("1.5.0", "1.5.0")
    found = resolve(server, ":1.5.0")
    assert (found.digest, found.children, found.platforms, found.version) == (digest, (), (), "1.5.0")


def test_a_digest(server: RegistryServer) -> None:
    digest = server.image("1.5.0")[0]
    found = resolve(server, f"@{digest}")
    assert (found.digest, found.version) == (digest, "1.5.0")


def test_an_image_without_a_label(server: RegistryServer) -> None:
    server.manifest("1.5.0", "")
    assert resolve(server, ":1.5.0").version == ""


def test_a_config_that_is_gone_costs_only_the_label(server: RegistryServer) -> None:
    server.image("1.5.0")
    server.blobs.clear()
    assert (resolve(server, ":1.5.0").labels, resolve(server, ":1.5.0").version) == ({}, "")


@pytest.mark.parametrize(
    ("kind", "document"), [(MANIFEST, {}), (INDEX, {}), (INDEX, {"manifests": None}), (INDEX, {"manifests": [{"platform": None}]})]
)
def test_an_image_of_nothing(server: RegistryServer, kind: str, document: dict[str, object]) -> None:
    server.tags["1.5.0"] = server.put(kind, document)
    assert resolve(server, ":1.5.0").children == ()


def test_other_bytes_than_the_digest_names(server: RegistryServer) -> None:
    digest = server.image("1.5.0")[0]
    server.manifests[digest] = (INDEX, b'{"manifests": []}')
    assert str(refused(server, f"@{digest}")) == (
        f"The registry {server.host} sent other bytes than {server.host}/{REPOSITORY}@{digest} names (sha256 differs)."
    )


def test_other_bytes_than_the_index_names(server: RegistryServer) -> None:
    """The version is read from the platform's manifest, so that one has to be the index's own too."""
    child = server.image("1.5.0")[1][0]
    server.manifests[child] = server.manifests[server.manifest("", "9.9.9")]
    assert str(refused(server, ":1.5.0")) == (
        f"The registry {server.host} sent other bytes than {server.host}/{REPOSITORY}@{child} names (sha256 differs)."
    )


def test_an_unknown_tag(server: RegistryServer) -> None:
    assert str(refused(server, ":1.9.0")) == (
        f"The registry {server.host} has no {REPOSITORY} with the tag 1.9.0."
        " Next: Check ampora_target_version and the image name (newName) in the overlay."
    )


def test_an_unknown_digest(server: RegistryServer) -> None:
    digest = "sha256:" + "0" * 64
    assert refused(server, f"@{digest}").message == f"The registry {server.host} has no {REPOSITORY} with the digest {digest}."


def test_a_broken_registry(server: RegistryServer) -> None:
    server.status = 500
    assert str(refused(server, ":1.5.0")) == (
        f"The registry {server.host} answers 500 for {REPOSITORY}:1.5.0."
        " Next: Check the pull credentials (ampora_registry_auth_file) and the image name in the overlay."
    )


def test_what_is_not_json(server: RegistryServer) -> None:
    server.answer = lambda _unused: Answer(200, b"<html>", {"Content-Type": INDEX})
    reference = f"{server.host}/{REPOSITORY}:1.5.0"
    assert str(refused(server, ":1.5.0")) == f"The registry sent the manifest of {reference} in a form that is not JSON."


def test_what_is_not_an_object(server: RegistryServer) -> None:
    server.answer = lambda _unused: Answer(200, b"[1]", {"Content-Type": INDEX})
    assert resolve(server, ":1.5.0").children == ()


def test_nobody_answers() -> None:
    host = closed_port()
    with pytest.raises(UpgradeError) as error:
        Registry(host, plain_http=True, auth_file="", timeout=5).tags(REPOSITORY)
    assert str(error.value) == (
        f"The registry {host} does not answer (ConnectionError). Next: Check the registry's name in the overlay,"
        " ampora_registry_plain_http and the network, then run the same command again."
    )


# --- tags


def test_tags_of_several_pages(server: RegistryServer) -> None:
    server.page = 2
    names = ["1.4.2", "1.4.3", "1.5.0", "1.5.1", "latest"]
    for name in names:
        server.manifest(name, name)
    assert registry(server).tags(REPOSITORY) == names
    assert [request.query for request in server.requests] == [{}, {"last": "1.4.3"}, {"last": "1.5.1"}]


def test_the_next_page_by_a_whole_address(server: RegistryServer) -> None:
    def answer(request: Request) -> Answer:
        link = {} if request.query else {"Link": f'<{server.url}{request.path}?last=a>; rel="next"'}
        return Answer(200, b'{"tags": ["b"]}' if request.query else b'{"tags": ["a"]}', link)

    server.answer = answer
    assert registry(server).tags(REPOSITORY) == ["a", "b"]


def test_a_registry_without_tags(server: RegistryServer) -> None:
    assert registry(server).tags(REPOSITORY) == []
    server.lists_tags = False
    assert registry(server).tags(REPOSITORY) == []


# --- logging in


@pytest.mark.parametrize("scheme", ["bearer", "basic"])
def test_a_login_by_the_auth_file(server: RegistryServer, auth: Path, scheme: str) -> None:
    server.password, server.scheme = PASSWORD, scheme
    digest = server.image("1.5.0")[0]
    assert resolve(server, ":1.5.0", auth).digest == digest
    tokens = [request.query for request in server.requests if request.path == "/token"]
    assert tokens == ([{"service": "registry.example", "scope": f"repository:{REPOSITORY}:pull"}] if scheme == "bearer" else [])


@pytest.mark.parametrize("scheme", ["bearer", "basic"])
def test_a_wrong_password(server: RegistryServer, tmp_path: Path, scheme: str) -> None:
    server.password, server.scheme = "another", scheme
    path = tmp_path / "config.json"
    path.write_text(auth_file(server.host, PASSWORD), encoding="utf-8")
    assert refused(server, ":1.5.0", path).message == f"The registry {server.host} answers 401 for {REPOSITORY}:1.5.0."


def test_no_credentials_for_this_host(server: RegistryServer, tmp_path: Path) -> None:
    server.password = PASSWORD
    path = tmp_path / "config.json"
    path.write_text(auth_file("elsewhere.example", PASSWORD), encoding="utf-8")
    assert refused(server, ":1.5.0", path).message == f"The registry {server.host} answers 401 for {REPOSITORY}:1.5.0."
    assert {request.headers.get("Authorization") for request in server.requests if request.path == "/token"} == {None}


def test_a_challenge_without_a_realm(server: RegistryServer) -> None:
    server.answer = lambda _unused: Answer(401, b"", {"WWW-Authenticate": 'Bearer service="x"'})
    assert str(refused(server, ":1.5.0")) == (
        f"The token service of {server.host} does not answer (MissingSchema). Next: Check ampora_registry_auth_file."
    )


def test_a_token_service_that_speaks_html(server: RegistryServer) -> None:
    challenge = {"WWW-Authenticate": f'Bearer realm="{server.url}/login"'}
    server.answer = lambda request: Answer(200, b"<html>") if request.path == "/login" else Answer(401, b"", challenge)
    assert refused(server, ":1.5.0").message == "The registry sent the token in a form that is not JSON."


@pytest.mark.parametrize("text", ["", "[]", "{", '{"auths": []}', '{"auths": {"HOST": {"auth": "***"}}}', '{"auths": {"HOST": "x"}}'])
def test_an_auth_file_that_is_none(server: RegistryServer, tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(text.replace("HOST", server.host), encoding="utf-8")
    assert str(refused(server, ":1.5.0", path)) == (
        f"ampora_registry_auth_file is {path}: it cannot be read as a docker config file. Next: Name a config.json with auths."
    )


def test_an_auth_file_that_is_not_there(server: RegistryServer, tmp_path: Path) -> None:
    assert refused(server, ":1.5.0", tmp_path / "none").message == (
        f"ampora_registry_auth_file is {tmp_path / 'none'}: it cannot be read as a docker config file."
    )


@pytest.mark.parametrize(
    ("host", "plain", "base"),
    [
        ("reg.example", False, "https://reg.example/v2"),
        ("reg.example:5000", True, "http://reg.example:5000/v2"),
        ("docker.io", False, "https://registry-1.docker.io/v2"),
    ],
)
def test_where_a_registry_is(host: str, plain: bool, base: str) -> None:
    assert Registry(host, plain_http=plain, auth_file="", timeout=5)._base == base
