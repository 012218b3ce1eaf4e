# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The image entry of a kustomization file: read it, and pin it by digest without touching any other byte.

PyYAML tells where every node begins and ends; only those spans are replaced. What came out is read again and compared
with what `kustomize edit set image NAME=NEWNAME@DIGEST` means, so that a form of YAML nobody thought of ends in a
refusal and never in a broken file.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, need, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.image.reference import is_digest, parse

try:
    import yaml
except ImportError:
    yaml = None  # type: ignore[assignment]

_LARGEST_FILE = 1024 * 1024
_FIELDS = ("name", "newName", "newTag", "digest")
_VERSION_COMMENT = re.compile(r"#[ \t]*v?\d+\.\d+\.\d+[^\s]*[ \t]*")
_VERSION = re.compile(r"v?\d+\.\d+\.\d+[0-9A-Za-z.+-]*")

_Edit = tuple[int, int, str]  # from, to, what stands there instead
_Pair = tuple["yaml.ScalarNode", "yaml.ScalarNode"]


@dataclass(frozen=True)
class ImageEntry:
    """One entry of `images:`; a field that is not there is empty."""

    name: str
    new_name: str = ""
    new_tag: str = ""
    digest: str = ""


def read_image(text: str, name: str) -> ImageEntry | None:
    """The entry of that name, or None."""
    entry = _find_entry(_images(_root(text)), name)
    if entry is None:
        return None
    pairs = _fields(entry)
    return ImageEntry(*(pairs[field][1].value if field in pairs else "" for field in _FIELDS))


def given_by(text: str, repository: str) -> str:
    """The name under `images` that this file renames to the repository; empty when it does not.

    An entry that goes by the repository's own name is no other one: `entry_name` finds it where a base has set the image.
    """
    images = _images(_root(text))
    for entry in [] if images is None or _is_null(images[1]) else images[1].value:
        pairs = _fields(entry)
        name, new_name = (pairs[field][1].value if field in pairs else "" for field in ("name", "newName"))
        if new_name == repository != name:
            return str(name)
    return ""


def entry_name(text: str, name: str, rendered: str) -> str:
    """The name under `images` by which this file pins the image: `name`, or, where a base or a component has set another
    one already, the name that the container has when this file's images are applied (as `rendered` has it).

    For kustomize, an entry goes by the name that the files below have given.
    """
    if read_image(text, name) is not None:
        return name
    found = rendered.partition("@")[0]
    head, colon, tag = found.rpartition(":")
    found = head if colon and "/" not in tag else found
    return found or name


def same_but_pinned(committed: str, text: str, name: str) -> bool:
    """Whether the text is the committed one, perhaps with the image pinned."""
    if committed == text:
        return True
    entry = read_image(text, name)
    if entry is None or not entry.digest or not committed:
        return False
    versions = [found[0] for found in _VERSION.finditer(text)]
    return any(pin(committed, name, entry.new_name or name, entry.digest, comment) == text for comment in ("", *dict.fromkeys(versions)))


def pin(text: str, name: str, new_name: str, digest: str, comment: str = "") -> str:
    """Set newName and digest of the entry, take newTag away, add what is missing; `comment` is the version, written for people."""
    _check_arguments(name, new_name, digest, comment)
    root = _root(text)
    images = _images(root)
    entry = _find_entry(images, name)
    if entry is not None:
        edits = _change_entry(text, entry, new_name, digest, comment)
    else:
        edits = [_add_entry(text, root, images, {"name": name, "newName": new_name, "digest": digest}, comment)]
    result = text
    # From the back, so that the earlier marks stay true, and of two texts at one place the later one first.
    for start, end, replacement in sorted(edits, key=lambda edit: edit[:2])[::-1]:
        result = result[:start] + replacement + result[end:]
    _check_result(text, result, name, new_name, digest)
    return result


def _check_arguments(name: str, new_name: str, digest: str, comment: str) -> None:
    if not is_digest(digest):
        raise UpgradeError(f"{quote(digest)} is not an image digest: sha256: and 64 lower-case hexadecimal digits.")
    for field, value in (("name", name), ("newName", new_name)):
        if parse(value).name != value:
            raise UpgradeError(f"The image {field} {quote(value)} has a tag or a digest in it, which stand in fields of their own.")
    if comment and not _VERSION.fullmatch(comment):
        raise UpgradeError(f"The comment {quote(comment)} beside the digest is not a version.")


def _refusal(why: str, where: Any = None) -> UpgradeError:
    place = f" (line {where.line + 1})" if where is not None else ""
    return UpgradeError(
        f"The kustomization file cannot be edited: {why}{place}.",
        next_step='write the image as a plain list entry: "images:", below it "- name: NAME", and "newName" and "digest" below that.',
    )


def _compose(text: str) -> Any:
    need(yaml, "PyYAML")
    if len(text) > _LARGEST_FILE:
        raise _refusal(f"it has {len(text)} characters, more than the limit of {_LARGEST_FILE}")
    try:
        return yaml.compose(text, Loader=_loader())
    except yaml.MarkedYAMLError as exc:
        # The library's message quotes the file, which may hold secrets: only the problem and its place are told.
        problem, mark = exc.problem, exc.problem_mark
    except (yaml.YAMLError, RecursionError) as exc:
        problem, mark = type(exc).__name__, None
    raise _refusal(f"it is not one well-formed YAML document: {problem}", mark)


def _loader() -> Any:
    """PyYAML's loader, but an alias is a node of its own, where the alias stands: what is edited there leaves the anchor alone."""

    class Loader(yaml.SafeLoader):
        def compose_node(self, parent: Any, index: Any) -> Any:
            event: Any = self.peek_event()  # type: ignore[no-untyped-call]
            node: Any = super().compose_node(parent, index)
            if not isinstance(event, yaml.AliasEvent):
                return node
            node = copy.copy(node)
            node.start_mark, node.end_mark, node.style, node.is_alias = event.start_mark, event.end_mark, None, True
            return node

    return Loader


def _root(text: str) -> Any:
    root = _compose(text)
    if not isinstance(root, yaml.MappingNode):
        raise _refusal("it is empty or not a mapping")
    return root


def _images(root: Any) -> Any:
    """The pair (key, list) of `images`, or None; an empty value counts as an empty list."""
    pairs = [(key, value) for key, value in root.value if key.value == "images"]
    if len(pairs) > 1:
        raise _refusal("it has more than one images list", pairs[1][0].start_mark)
    if not pairs:
        return None
    value = pairs[0][1]
    _refuse_alias(value, "images")
    if isinstance(value, yaml.SequenceNode) or _is_null(value):
        return pairs[0]
    raise _refusal("images is not a list", value.start_mark)


def _refuse_alias(node: Any, what: str) -> None:
    """One text that stands for several places: changing it would change more than the image."""
    if getattr(node, "is_alias", False):
        raise _refusal(f"{what} is an alias", node.start_mark)


def _is_null(node: Any) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _is_empty(node: Any) -> bool:
    return _is_null(node) or not node.value


def _find_entry(images: Any, name: str) -> Any:
    if images is None or _is_null(images[1]):
        return None
    found = []
    for item in images[1].value:
        if not isinstance(item, yaml.MappingNode):
            raise _refusal("images has an entry that is not a mapping", item.start_mark)
        _refuse_alias(item, "an entry of images")
        if merge := next((key for key, _value in item.value if key.value == "<<"), None):
            raise _refusal("an entry of images has a merge key", merge.start_mark)
        if any(key.value == "name" and value.value == name for key, value in item.value):
            found.append(item)
    if len(found) > 1:
        raise _refusal(f"it has more than one image entry named {quote(name)}", found[1].start_mark)
    return found[0] if found else None


def _fields(entry: Any) -> dict[str, _Pair]:
    pairs: dict[str, _Pair] = {}
    for key, value in entry.value:
        if key.value in pairs:
            raise _refusal(f"an image entry has {key.value} twice", key.start_mark)
        if key.value in _FIELDS:
            if not isinstance(value, yaml.ScalarNode) or value.style in ("|", ">"):
                raise _refusal(f"{key.value} of an image entry is not a text on one line", value.start_mark)
            pairs[key.value] = (key, value)
    return pairs


def _change_entry(text: str, entry: Any, new_name: str, digest: str, comment: str) -> list[_Edit]:
    pairs = _fields(entry)
    key, value = pairs["name"]
    edits: list[_Edit] = []
    added = []
    if "newName" not in pairs:
        added.append(("newName", new_name))
    elif pairs["newName"][1].value != new_name:
        edits.append(_set_value(pairs["newName"][1], new_name))
    # The digest goes where the first of newTag and digest stands; the other one goes away.
    places = sorted((pairs[field] for field in ("newTag", "digest") if field in pairs), key=lambda pair: pair[0].start_mark.index)
    if places:
        edits += _set_digest(text, places[0], digest, "" if entry.flow_style else comment)
        edits += [_remove_pair(text, entry, pair) for pair in places[1:]]
    else:
        added.append(("digest", digest))
    if added:
        edits.append(_add_fields(text, entry, (key, value), added, comment))
    return edits


def _scalar(text: str, style: str | None) -> str:
    """In the quotes of what stands there; without any only where YAML still reads a string."""
    mark = style or ("" if yaml.safe_load(text) == text else '"')
    return f"{mark}{text}{mark}"


def _set_value(value: Any, text: str) -> _Edit:
    start, end = value.start_mark.index, value.end_mark.index
    return start, end, (" " if start == end else "") + _scalar(text, value.style)


def _set_digest(text: str, pair: Any, digest: str, comment: str) -> list[_Edit]:
    key, value = pair
    edits = [_set_value(value, digest)]
    if key.value != "digest":
        edits.append((key.start_mark.index, key.end_mark.index, _scalar("digest", key.style)))
    if comment:
        blank, old, _end = _rest_of_line(text, value.end_mark.index)
        if not old or _VERSION_COMMENT.fullmatch(old):  # a person's own words stay
            start = value.end_mark.index + (len(blank) if old else 0)
            edits.append((start, start + len(old), f"# {comment}" if old else f"  # {comment}"))
    return edits


def _rest_of_line(text: str, at: int) -> tuple[str, str, int]:
    """(white space, comment, where the line ends) after a value."""
    rest = re.split(r"[\r\n]", text[at:], maxsplit=1)[0]
    comment = rest.lstrip(" \t")
    return rest[: len(rest) - len(comment)], comment, at + len(rest)


def _remove_pair(text: str, entry: Any, pair: Any) -> _Edit:
    start, end = pair[0].start_mark.index, pair[1].end_mark.index
    if entry.flow_style:
        before = max(value.end_mark.index for _key, value in entry.value if value.end_mark.index <= start)
        if "#" in text[before:start]:
            raise _refusal("there is a comment inside an image entry in braces", pair[0].start_mark)
        return before, end, ""
    _blank, comment, line_end = _rest_of_line(text, end)
    if comment and not _VERSION_COMMENT.fullmatch(comment):
        return start, line_end - len(comment), ""  # the line goes, a person's words on it stay
    line_start = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    return line_start, line_end + len(_newline(text[line_end : line_end + 2], "")), ""


def _add_fields(text: str, entry: Any, name: Any, fields: list[tuple[str, str]], comment: str) -> _Edit:
    key, value = name
    written = [f"{_scalar(field, key.style)}: {_scalar(content, value.style)}" for field, content in fields]
    if entry.flow_style:
        return value.end_mark.index, value.end_mark.index, "".join(f", {pair}" for pair in written)
    if comment and fields[-1][0] == "digest":
        written[-1] += f"  # {comment}"
    end = _rest_of_line(text, value.end_mark.index)[2]
    indent = _newline(text) + " " * entry.start_mark.column
    return end, end, "".join(indent + pair for pair in written)


def _newline(text: str, default: str = "\n") -> str:
    match = re.search(r"\r\n|\r|\n", text)
    return match[0] if match else default


def _add_entry(text: str, root: Any, images: Any, fields: dict[str, str], comment: str) -> _Edit:
    """A new entry at the end of the list, which is begun where there is none."""
    written = [f"{field}: {_scalar(value, None)}" for field, value in fields.items()]
    if images is not None and not _is_empty(images[1]) and images[1].flow_style:
        at = images[1].value[-1].end_mark.index
        return at, at, ", {" + ", ".join(written) + "}"
    if root.flow_style:
        raise _refusal("it is one mapping in braces without an image in it", root.start_mark)
    written[-1] += f"  # {comment}" if comment else ""
    newline = _newline(text)
    column = (images[1] if images is not None and not _is_empty(images[1]) else root).start_mark.column
    item = newline + " " * column + "- " + (newline + " " * column + "  ").join(written)
    if images is None:
        at = root.end_mark.index
        return at, at, ("" if text[:at].endswith(("\n", "\r")) else newline) + " " * column + "images:" + item + newline
    key, value = images
    if not _is_empty(value):
        at = _rest_of_line(text, _content_end(value))[2]
        return at, at, item
    start, value_end = text.index(":", key.end_mark.index) + 1, value.end_mark.index
    end = _rest_of_line(text, value_end)[2]
    return start, end, text[value_end:end].rstrip() + item  # what takes the place of [] or null begins on the next line


def _content_end(node: Any) -> int:
    """Where the text of a node ends; the end of a block collection is only marked at whatever follows it."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _content_end(last[1] if isinstance(last, tuple) else last)


def _plain(text: str) -> Any:
    """The document with every scalar as a string: enough to compare, and free of any YAML type's surprises."""
    return yaml.load(text, Loader=yaml.BaseLoader)


def _check_result(before: str, after: str, name: str, new_name: str, digest: str) -> None:
    try:
        wanted, result = _plain(before), _plain(after)
    except yaml.composer.ComposerError as exc:
        raise _refusal("the image's own text has an anchor that is used elsewhere") from exc
    except (yaml.YAMLError, RecursionError):
        wanted, result = {}, None
    images = wanted.get("images")
    images = images if isinstance(images, list) else []
    others = [image for image in images if image.get("name") != name]
    entry = next((image for image in images if image.get("name") == name), {"name": name})
    pinned = {key: value for key, value in entry.items() if key != "newTag"} | {"newName": new_name, "digest": digest}
    position = images.index(entry) if entry in images else len(images)
    wanted["images"] = [*others[:position], pinned, *others[position:]]
    if result != wanted:
        raise _refusal("its images list is written in a form that this tool does not know")
