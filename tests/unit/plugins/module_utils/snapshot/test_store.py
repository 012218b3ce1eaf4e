# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.snapshot.store import check_method, check_store, location

OPTIONS = {"endpoint": "https://s3.acme.io:9000", "bucket": "ampora", "prefix": "acme/prod", "access_key": "id", "secret_key": "s3cret-key"}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"endpoint": ""},
        {"endpoint": "http://10.0.0.7/"},
        {"endpoint": "http://[::1]:9000"},
        {"prefix": ""},
        {"prefix": "/acme/"},
        {"access_key": "", "secret_key": ""},
    ],
)
def test_a_store(changes: dict[str, str]) -> None:
    check_store({**OPTIONS, **changes})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"endpoint": "s3.acme.io"}, "ampora_snapshot_s3.endpoint"),
        ({"endpoint": "https://user:pass@s3.acme.io"}, "ampora_snapshot_s3.endpoint"),
        ({"endpoint": "https://s3.acme.io/bucket"}, "ampora_snapshot_s3.endpoint"),
        ({"bucket": "a/b"}, "ampora_snapshot_s3.bucket"),
        ({"bucket": ""}, "ampora_snapshot_s3.bucket"),
        ({"prefix": "a//b"}, "ampora_snapshot_s3.prefix"),
        ({"prefix": "a/../b"}, "ampora_snapshot_s3.prefix"),
        ({"access_key": ""}, "only one of access_key and secret_key"),
    ],
)
def test_what_names_no_store(changes: dict[str, str], words: str) -> None:
    with pytest.raises(UpgradeError) as error:
        check_store({**OPTIONS, **changes})
    assert words in error.value.message
    assert OPTIONS["secret_key"] not in str(error.value)


@pytest.mark.parametrize(("prefix", "found"), [("", "r1"), ("/acme/prod/", "acme/prod/r1")])
def test_a_place_has_no_keys(prefix: str, found: str) -> None:
    made = location({**OPTIONS, "prefix": prefix, "endpoint": "https://s3.acme.io/"}, "r1")
    assert made == {"endpoint": "https://s3.acme.io", "bucket": "ampora", "prefix": found}


def test_only_the_method_local_has_a_store() -> None:
    check_method("local", OPTIONS)
    check_method("job", {"bucket": ""})
    with pytest.raises(UpgradeError, match="goes with ampora_snapshot_method: local, and the method is job"):
        check_method("job", OPTIONS)
