# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which configuration keys a deployment sets, and where: in the rendered overlay, the live objects and the running pods.

Names only. A value is looked at where names stand inside it (a mounted appsettings.json) and forgotten at once.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.configuration import LiveKey
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.subjects import normal_key
from ansible_collections.ampora.upgrades.plugins.plugin_utils.cluster import Cluster, Object

LARGEST_FILE = 512 * 1024  # characters; a settings file is a page or two
MOST_KEYS = 5000  # of one file: more is no settings file, or one made to flood
LONGEST_KEY = 500
DEEPEST = 30
Lookup = Callable[[str, str], "Mapping[str, Any] | None"]

_COMMENT = re.compile(r"^\s*//[^\n]*$", re.MULTILINE)  # .NET allows comments in appsettings.json
_ARGUMENT = re.compile(r"(?:--|/)([A-Za-z][\w.-]{0,99}(?:(?::|__)[\w.-]{1,100}){1,20})(?:=.*)?", re.DOTALL)
_SETTINGS = (".json", ".yaml", ".yml")


@dataclass(frozen=True)
class LiveConfiguration:
    """The keys with their places, and the places that hold settings in a form that could not be read."""

    keys: tuple[LiveKey, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass
class _Reader:
    """Collects the keys of pod specifications; `lookup` gives the ConfigMaps and Secrets that they name."""

    container: str
    where: str  # before each source, e.g. "overlay: "
    owner: str  # e.g. "Deployment ampora-web"
    lookup: Lookup
    keys: list[LiveKey] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def read(self, spec: Mapping[str, Any]) -> None:
        for container in _list(spec.get("containers")):
            if container.get("name") == self.container:
                self._environment(container)
                self._arguments(container)
                self._files(container, spec)

    def _add(self, name: object, source: str) -> None:
        if isinstance(name, str) and name:  # an entry without a name is none
            self.keys.append(LiveKey(name, f"{self.where}{source}"))

    def _environment(self, container: Mapping[str, Any]) -> None:
        for entry in _list(container.get("env")):
            self._add(entry.get("name"), f"env of the {self.owner}")
        for entry in _list(container.get("envFrom")):
            prefix = entry.get("prefix") or ""
            for reference, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                name = _mapping(entry.get(reference)).get("name")
                for key in _data(kind, self._object(kind, name)):
                    self._add(f"{prefix}{key}", f"{kind} {name}")

    def _arguments(self, container: Mapping[str, Any]) -> None:
        for word in (word for part in ("command", "args") if isinstance(words := container.get(part), list) for word in words):
            match = _ARGUMENT.fullmatch(word) if isinstance(word, str) else None
            if match:
                self._add(match[1], f"arguments of the {self.owner}")

    def _files(self, container: Mapping[str, Any], spec: Mapping[str, Any]) -> None:
        mounted = [mount.get("name") for mount in _list(container.get("volumeMounts"))]
        for volume in _list(spec.get("volumes")):
            if volume.get("name") in mounted:
                for kind, name in _references(volume):
                    self._object_files(kind, name)

    def _object_files(self, kind: str, name: str) -> None:
        for file, text in _data(kind, self._object(kind, name)).items():
            source = f"{kind} {name}, file {file}"
            if not file.lower().endswith(_SETTINGS):
                self._add(file, source)  # one key for each file, named after it
                continue
            found = _keys_of_file(text)
            if found is None:
                self.unread.append(f"{self.where}{source}")
            for key in found or ():
                self._add(key, source)

    def _object(self, kind: str, name: object) -> Mapping[str, Any]:
        return self.lookup(kind, name) or {} if isinstance(name, str) and name else {}


def read(cluster: Cluster, rendered: Sequence[Mapping[str, Any]] = ()) -> LiveConfiguration:
    """Every key that is set. Of the pods only what is set nowhere else is named: they repeat their Deployment."""
    lookup = _remembering(cluster)
    deployment = cluster.deployment()
    live = _Reader(cluster.container_name, "", f"Deployment {cluster.deployment_name}", lookup)
    live.read(_pod_spec(deployment))
    overlay = _Reader(cluster.container_name, "overlay: ", f"Deployment {cluster.deployment_name}", _rendered_lookup(rendered))
    for item in rendered:
        if item.get("kind") == "Deployment" and _name(item) == cluster.deployment_name:
            overlay.read(_pod_spec(item))
    known = {normal_key(key.name) for key in (*overlay.keys, *live.keys)}
    pods: list[LiveKey] = []
    unread = [*overlay.unread, *live.unread]
    for pod in cluster.pods(deployment):
        reader = _Reader(cluster.container_name, "", f"pod {_name(pod)}", lookup)
        reader.read(_mapping(pod.get("spec")))
        pods += [key for key in reader.keys if normal_key(key.name) not in known]
        unread += reader.unread
    return LiveConfiguration(tuple(dict.fromkeys((*overlay.keys, *live.keys, *pods))), tuple(dict.fromkeys(unread)))


def _remembering(cluster: Cluster) -> Lookup:
    """Each object is asked for once, however many pods name it; only its names outlive this call."""
    known: dict[tuple[str, str], Object | None] = {}

    def lookup(kind: str, name: str) -> Object | None:
        if (kind, name) not in known:
            known[kind, name] = cluster.get(kind, name)
        return known[kind, name]

    return lookup


def _rendered_lookup(rendered: Sequence[Mapping[str, Any]]) -> Lookup:
    objects = {(item.get("kind"), _name(item)): item for item in rendered}
    return lambda kind, name: objects.get((kind, name))


def _pod_spec(workload: Mapping[str, Any]) -> Mapping[str, Any]:
    return _mapping(_mapping(_mapping(workload.get("spec")).get("template")).get("spec"))


def _name(item: Mapping[str, Any]) -> str:
    return str(_mapping(item.get("metadata")).get("name", ""))


def _references(volume: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The ConfigMaps and Secrets of a volume, projected ones too."""
    for source in (volume, *_list(_mapping(volume.get("projected")).get("sources"))):
        config_map, secret = _mapping(source.get("configMap")), _mapping(source.get("secret"))
        if config_map.get("name"):
            yield "ConfigMap", str(config_map["name"])
        if secret.get("secretName") or secret.get("name"):
            yield "Secret", str(secret.get("secretName") or secret.get("name"))


def _data(kind: str, item: Mapping[str, Any]) -> dict[str, str]:
    """The text of each entry of a ConfigMap or Secret; what is not text is empty."""
    decoded = _decoded if kind == "Secret" else str
    found = {str(key): decoded(value) for key, value in _mapping(item.get("data")).items()}
    plain = {str(key): str(value) for key, value in _mapping(item.get("stringData")).items()}
    return {**dict.fromkeys(map(str, _mapping(item.get("binaryData"))), ""), **found, **plain}


def _decoded(value: object) -> str:
    try:
        return base64.b64decode(str(value), validate=True).decode(errors="replace")
    except (binascii.Error, ValueError):
        return ""


def _keys_of_file(text: str) -> list[str] | None:
    """The keys of a settings file as Section:Key; None when it is not one that can be read."""
    if len(text) > LARGEST_FILE:
        return None
    try:
        keys = list(itertools.islice(_flat(_parsed(text), "", 0), MOST_KEYS + 1))
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError, yaml.YAMLError):
        return None  # the YAML library answers an odd tag with whatever its own code runs into
    return None if len(keys) > MOST_KEYS else [key for key in keys if key]


def _parsed(text: str) -> Any:
    try:
        return json.loads(text.removeprefix("\ufeff"))
    except ValueError:
        return yaml.safe_load(_COMMENT.sub("", text))


def _flat(value: Any, path: str, depth: int) -> Iterator[str]:
    if depth > DEEPEST or len(path) > LONGEST_KEY:
        raise ValueError("no key of a settings file")
    inside: Iterable[tuple[object, Any]] = ()
    if isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    empty = True
    for key, item in inside:
        empty = False
        yield from _flat(item, f"{path}:{key}" if path else str(key), depth + 1)
    if empty:
        yield path


def _list(value: object) -> list[Any]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
