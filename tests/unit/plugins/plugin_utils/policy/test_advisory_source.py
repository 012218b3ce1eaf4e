# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy import advisory_source
from ansible_collections.ampora.upgrades.plugins.plugin_utils.policy.advisory_source import read_advisories
from semver import Version

from tests.unit.doubles.http_server import Answer, LoopbackServer, closed_port

FIXTURES = Path(__file__).parents[3] / "fixtures" / "advisories"
GITLAB = (FIXTURES / "gitlab.yml").read_text(encoding="utf-8")
OSV = (FIXTURES / "osv.json").read_text(encoding="utf-8")
KNOWN = ["1.4.0", "1.4.2", "1.4.3", "1.5.0", "1.5.1"]


def read(location: object, package: str = "ampora") -> tuple[dict[str, list[str]], list[str]]:
    """Each advisory with the versions that it affects, and what could not be read."""
    found, unread = read_advisories(str(location), package)
    return {one.id: [text for text in KNOWN if one.affects(Version.parse(text))] for one in found}, list(unread)


def refused(location: object) -> str:
    with pytest.raises(UpgradeError) as error:
        read_advisories(str(location), "ampora")
    return str(error.value)


@pytest.fixture(params=["libyaml", "python"])
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Both loaders, since an installation may have been made without libyaml."""
    if request.param == "python":
        monkeypatch.setattr(advisory_source, "_LOADER", yaml.BaseLoader)
    yield


def test_no_location_is_no_advisories() -> None:
    assert read("") == ({}, [])


def test_a_directory_with_all_three_forms() -> None:
    found, unread = read(FIXTURES)
    assert found == {
        "CVE-2026-1001": ["1.4.0", "1.4.2", "1.5.0"],
        "CVE-2026-1002": ["1.4.0", "1.4.2", "1.5.0"],
        "CVE-2026-1003": ["1.5.0"],
    }
    assert unread == []


def test_a_file_and_an_address(tmp_path: Path) -> None:
    file = tmp_path / "any.name"
    file.write_text("\ufeff" + OSV, encoding="utf-8")
    expected: tuple[dict[str, list[str]], list[str]] = ({"CVE-2026-1001": ["1.4.0", "1.4.2", "1.5.0"]}, [])
    assert read(file) == expected
    with LoopbackServer(lambda _request: Answer(200, f"[{OSV}]".encode())) as server:
        assert read(f"{server.url}/advisories") == expected
        assert server.paths() == ["GET /advisories"]
    with LoopbackServer(lambda _request: Answer(200, GITLAB.encode())) as server:
        assert list(read(f"{server.url}/advisories")[0]) == ["CVE-2026-1001"]


def test_an_address_that_cannot_be_read() -> None:
    address = f"http://name:password@{closed_port()}/x?token=secret"
    message = refused(address)
    assert "does not answer (ConnectionError)" in message and "Next: Name a directory" in message
    assert "password" not in message and "secret" not in message
    with LoopbackServer(lambda _request: Answer(404, b"")) as server:
        assert f"{server.url}/x (ampora_advisories) answers 404." in refused(f"{server.url}/x")
    with LoopbackServer(lambda _request: Answer(200, b"<html>")) as server:
        found, (reason,) = read(f"{server.url}/x?token=secret")
        assert found == {} and reason.startswith(f"{server.url}/x: it is neither OSV") and "secret" not in reason
    assert "an address that cannot be read" in refused("http://[")


def test_a_location_that_is_not_there(tmp_path: Path) -> None:
    assert "No such file or directory" in refused(tmp_path / "none")
    assert "which cannot be read" in refused("x" * 5000)
    assert "which cannot be read" in refused("a\0b")


def test_a_directory_is_read_below_too_but_not_what_is_hidden(tmp_path: Path) -> None:
    for place in ("a/b/deep.yaml", "SHOUTED.JSON", ".hidden.json", ".git/config.json", "notes.md", "a/list.txt"):
        file = tmp_path / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("text", encoding="utf-8")
    found, unread = read(tmp_path)
    assert found == {}
    assert [reason.partition(":")[0] for reason in unread] == ["SHOUTED.JSON", "a/b/deep.yaml"]


def test_a_link_may_not_lead_out(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    (inside / "..data").mkdir(parents=True)
    (outside / "a.json").write_text(OSV, encoding="utf-8")
    (inside / "..data" / "b.yml").write_text(GITLAB, encoding="utf-8")
    (inside / "b.yml").symlink_to("..data/b.yml")  # as Kubernetes mounts a ConfigMap
    (inside / "a.json").symlink_to(outside / "a.json")
    (inside / "folder").symlink_to(outside)
    (inside / "gone.json").symlink_to("nowhere")
    (inside / "loop.json").symlink_to("loop.json")
    found, unread = read(inside)
    assert list(found) == ["CVE-2026-1001"]
    assert unread == [
        "a.json: it is a link to somewhere outside the directory",
        "folder: it is a link to somewhere outside the directory",
        "gone.json: it cannot be read: No such file or directory",
        "loop.json: it cannot be read: Too many levels of symbolic links",
    ]
    (tmp_path / "linked").symlink_to(inside)
    assert list(read(tmp_path / "linked")[0]) == ["CVE-2026-1001"], "the location itself may be a link"


def test_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "folder.json").mkdir()
    assert read(tmp_path) == ({}, [])


def test_a_document_that_cannot_be_read_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{", encoding="utf-8")
    (tmp_path / "big.yml").write_text(" " * (advisory_source.MAX_BYTES + 1), encoding="utf-8")
    (tmp_path / "good.yml").write_text(GITLAB, encoding="utf-8")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "name\x1b[2J.json").write_text("7", encoding="utf-8")
    found, unread = read(tmp_path)
    assert list(found) == ["CVE-2026-1001"]
    assert [reason[:34] for reason in unread] == [
        "bad.json: it is neither JSON nor Y",
        f"big.yml: it is larger than {advisory_source.MAX_BYTES} bytes"[:34],
        "bytes.json: it is neither JSON nor",
        "name?[2J.json: it is neither OSV n",
    ]


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "it is neither JSON nor YAML"),
        ("a: &a [1]\nb: *a\n", "aliases are not taken"),
        ("[" * 100_000, "nested more than 100 deep"),
        ('{"a":' * 100_000, "nested more than 100 deep"),
        ("- " * 200 + "a", "nested more than 100 deep"),
        ("? [a]\n: b\n", "it is neither JSON nor YAML"),
        ('{"a": ' + "1" * 5000 + "}", 'nor GitLab\'s form: it has "a"'),
        ("!!python/object/apply:os.system [ls]", "it is neither OSV nor CSAF 2.0 nor GitLab's form"),
        ("!!int 'x'", "it is neither OSV"),
        ("", "it holds no document"),
        ("---\n---\n# nothing\n", "it holds no document"),
        ("date: 2026-99-99", "it is neither OSV"),
    ],
)
def test_a_text_that_is_no_document(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "x.yml").write_text(text, encoding="utf-8")
    found, (reason,) = read(tmp_path)
    assert found == {} and reason.startswith("x.yml: ") and words in reason


@pytest.mark.usefixtures("loader")
def test_yaml_with_several_documents_and_values_without_quotes(tmp_path: Path) -> None:
    text = "---\nidentifier: GMS-2026-1\npackage_slug: npm/ampora\naffected_range: <1.5\ndate: 2026-01-02\ncvss_v3: null\n"
    quoted = "'[1.5,)'"
    (tmp_path / "x.yml").write_text(f"{text}---\n---\n{text.replace('2026-1', '2026-2').replace('<1.5', quoted)}", encoding="utf-8")
    found, unread = read(tmp_path)
    assert found == {"GMS-2026-1": ["1.4.0", "1.4.2", "1.4.3"], "GMS-2026-2": ["1.5.0", "1.5.1"]}
    assert unread == []


def test_what_cannot_be_evaluated_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "x.yml").write_text(GITLAB.replace("<1.4.3||", "~1.4||"), encoding="utf-8")
    found, (reason,) = read(tmp_path)
    assert found == {"CVE-2026-1001": []}
    assert reason.startswith('x.yml: CVE-2026-1001: a version of its affected_range "~1.4||')


def test_there_is_an_end_to_files_and_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.json", "b.json", "c/d.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(OSV, encoding="utf-8")
    monkeypatch.setattr(advisory_source, "MAX_FILES", 3)
    assert list(read(tmp_path)[0]) == ["CVE-2026-1001"]
    monkeypatch.setattr(advisory_source, "MAX_FILES", 2)
    assert "with more than 2 files: name the directory of the one package." in refused(tmp_path)
    monkeypatch.undo()
    monkeypatch.setattr(advisory_source, "MAX_TOTAL_BYTES", 2 * len(OSV))
    assert f"are larger than {2 * len(OSV)} bytes in all." in refused(tmp_path)


def test_what_may_not_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a stand-in for the system's refusal, since root is refused nothing."""
    for name in ("closed/x.json", "x.json", "y.yml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(OSV, encoding="utf-8")
    lists, opens = os.scandir, Path.open

    def scandir(path: str) -> Any:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return lists(path)

    def open_one(path: Path, *args: Any) -> Any:
        if path.name == "x.json":
            raise PermissionError(13, "Permission denied", str(path))
        return opens(path, *args)

    monkeypatch.setattr(os, "scandir", scandir)
    monkeypatch.setattr(Path, "open", open_one)
    found, unread = read(tmp_path)
    assert list(found) == ["CVE-2026-1001"]
    assert unread == ["closed: it cannot be listed: Permission denied", "x.json: it cannot be read: Permission denied"]


def test_the_examples_of_the_documentation(tmp_path: Path) -> None:
    page = (Path(__file__).parents[5] / "docs" / "advisories.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```(?:json|yaml)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(examples) == 3
    for example, affected in zip(examples, (["1.4.0", "1.4.2", "1.5.0"], ["1.4.0", "1.4.2"], ["1.4.0", "1.4.2", "1.5.0"]), strict=True):
        file = tmp_path / "example"
        file.write_text(example, encoding="utf-8")
        assert read(file) == ({"CVE-2026-1001": affected}, [])
