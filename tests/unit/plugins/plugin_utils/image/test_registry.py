# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import parse
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.registry import Mirrored, Registry, ResolvedImage
from ansible_collections.ampora.upgrades.plugins.plugin_utils.image.registry_credentials import Source, of_file

from tests.unit.doubles.http_server import Answer, Request, closed_port, json_answer
from tests.unit.doubles.registry_server import INDEX, MANIFEST, TOKEN, RegistryServer, auth_file, digest_of

PASSWORD = "s3cret-pass"
REPOSITORY = "ampora/ampora-web"


@pytest.fixture
def server() -> Iterator[RegistryServer]:
    found = RegistryServer()
    with found:
        yield found


def registry(server: RegistryServer, auth: Path | None = None) -> Registry:
    return Registry(server.host, plain_http=True, timeout=5, sources=[of_file(str(auth))] if auth else [])


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
        Registry(host, plain_http=True, timeout=5).tags(REPOSITORY)
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


@pytest.mark.parametrize(
    ("host", "plain", "base"),
    [
        ("reg.example", False, "https://reg.example/v2"),
        ("reg.example:5000", True, "http://reg.example:5000/v2"),
        ("docker.io", False, "https://registry-1.docker.io/v2"),
    ],
)
def test_where_a_registry_is(host: str, plain: bool, base: str) -> None:
    assert Registry(host, plain_http=plain, timeout=5)._base == base


# --- being patient, and mirrors


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were asked for."""
    pauses: list[float] = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", pauses.append)
    return pauses


def busy(server: RegistryServer, times: int, status: int, **headers: str) -> None:
    """The server answers so many requests with this status, then as it should."""
    answer, left = server.answer, [times]

    def answers(request: Request) -> Answer:
        if left[0] and request.path.startswith("/v2"):
            left[0] -= 1
            return Answer(status, b"{}", {name.replace("_", "-"): value for name, value in headers.items()})
        return answer(request)

    server.answer = answers


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_registry_is_asked_again_with_growing_pauses(server: RegistryServer, no_pause: list[float], status: int) -> None:
    digest = server.image("1.5.0")[0]
    busy(server, 3, status)
    assert resolve(server, ":1.5.0").digest == digest
    assert no_pause == sorted(no_pause)
    assert 0 < sum(no_pause) < 10


@pytest.mark.parametrize(("asked", "waited"), [("2", 2), ("3600", 20)])
def test_what_the_registry_asks_to_wait_is_obeyed_within_reason(
    server: RegistryServer, no_pause: list[float], asked: str, waited: float
) -> None:
    server.image("1.5.0")
    busy(server, 1, 429, Retry_After=asked)
    resolve(server, ":1.5.0")
    assert no_pause == [waited]


def test_a_registry_that_goes_on_limiting(server: RegistryServer, no_pause: list[float]) -> None:
    busy(server, 99, 429, Retry_After="600")
    assert str(refused(server, ":1.5.0")) == (
        f"The registry {server.host} limits how often it may be asked (429) and asks to wait 600 s. Next: Log in"
        " (ampora_registry_auth_file), name a mirror (ampora_registry_mirrors), or wait; then run this again."
    )
    assert len(no_pause) == 3


def test_a_refusal_is_not_asked_again(server: RegistryServer, no_pause: list[float]) -> None:
    refused(server, ":1.9.0")
    assert (no_pause, len(server.requests)) == ([], 1)


def mirrored(registry: Registry, *mirrors: str) -> Mirrored:
    return Mirrored(registry, [Registry(host, plain_http=True, timeout=5, prefix=path) for host, _slash, path in map(_parts, mirrors)])


def _parts(mirror: str) -> tuple[str, str, str]:
    return mirror.partition("/")


def test_a_mirror_is_asked_before_the_registry(server: RegistryServer) -> None:
    with RegistryServer("cache/ampora/ampora-web") as mirror:
        assert isinstance(mirror, RegistryServer)
        digest = mirror.image("1.5.0")[0]
        found = mirrored(registry(server), f"{mirror.host}/cache").resolve(parse(f"{server.host}/{REPOSITORY}:1.5.0"))
        assert found.digest == digest
        assert server.requests == []


@pytest.mark.usefixtures("no_pause")
def test_a_mirror_that_fails_is_passed_over(server: RegistryServer) -> None:
    digest = server.image("1.5.0")[0]
    with RegistryServer() as empty:
        found = mirrored(registry(server), closed_port(), empty.host).resolve(parse(f"{server.host}/{REPOSITORY}:1.5.0"))
    assert found.digest == digest


def test_a_mirror_that_lies_about_a_digest_is_passed_over(server: RegistryServer) -> None:
    digest = server.image("1.5.0")[0]
    with RegistryServer() as liar:
        assert isinstance(liar, RegistryServer)
        liar.manifests[digest] = (INDEX, b"{}")
        found = mirrored(registry(server), liar.host).resolve(parse(f"{server.host}/{REPOSITORY}@{digest}"))
    assert found.version == "1.5.0"


@pytest.mark.usefixtures("no_pause")
def test_tags_are_those_of_the_registry_where_it_answers(server: RegistryServer) -> None:
    server.manifest("1.5.0", "1.5.0")
    with RegistryServer() as mirror:
        assert isinstance(mirror, RegistryServer)
        mirror.manifest("1.4.2", "1.4.2")
        assert mirrored(registry(server), mirror.host).tags(REPOSITORY) == ["1.5.0"]
        away = Registry(closed_port(), plain_http=True, timeout=5)
        assert mirrored(away, mirror.host).tags(REPOSITORY) == ["1.4.2"]
    with pytest.raises(UpgradeError, match="does not answer"):
        mirrored(away, closed_port()).tags(REPOSITORY)


def test_the_credentials_go_to_no_other_host(server: RegistryServer) -> None:
    with RegistryServer() as other:
        link = {"Link": f'<{other.url}/v2/{REPOSITORY}/tags/list?last=a>; rel="next"'}
        server.answer = lambda _unused: Answer(200, b'{"tags": ["a"]}', link)
        assert registry(server).tags(REPOSITORY) == ["a"]
        assert other.requests == []


def test_a_single_manifest_names_its_platform(server: RegistryServer) -> None:
    config = b'{"os": "linux", "architecture": "arm64", "config": {"Labels": {"a": "b"}}}'
    server.blobs[digest_of(config)] = config
    server.tags["1.5.0"] = server.put(MANIFEST, {"config": {"digest": digest_of(config)}})
    assert resolve(server, ":1.5.0").platforms == ("linux/arm64",)


def test_a_token_by_dockers_identity_token(server: RegistryServer) -> None:
    """As Azure's registry has it: the token goes in a form, by POST."""
    seen: list[Request] = []

    def answer(request: Request) -> Answer:
        if request.path == "/token":
            seen.append(request)
            return json_answer({"access_token": TOKEN})
        return server._answer(request)

    digest = server.image("1.5.0")[0]
    server.password, server.answer = PASSWORD, answer
    source = Source("x", {"auths": {server.host: {"identitytoken": "an-identity-token"}}})
    found = Registry(server.host, plain_http=True, timeout=5, sources=[source]).resolve(parse(f"{server.host}/{REPOSITORY}:1.5.0"))
    assert found.digest == digest
    assert (seen[0].method, b"refresh_token=an-identity-token" in seen[0].body) == ("POST", True)
