# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What needs no store; tests/extended/test_snapshot_store.py has the rest, against a real one."""

from __future__ import annotations

from pathlib import Path

import obstore
import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.plugin_utils.run.safe_point import SafePoint
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot import object_store
from ansible_collections.ampora.upgrades.plugins.plugin_utils.snapshot.object_store import ObjectStore
from obstore.exceptions import PermissionDeniedError

OPTIONS = {
    "endpoint": "http://127.0.0.1:9",
    "bucket": "ampora",
    "prefix": "",
    "region": "us-east-1",
    "access_key": "the-access-key",
    "secret_key": "the-secret-key",
    "ca_file": "",
}
ANSWER = """Server returned non-2xx status code: 403 Forbidden: <Error><Code>SignatureDoesNotMatch</Code><Message>Check your key.</Message>
<AWSAccessKeyId>the-access-key</AWSAccessKeyId><StringToSign>AWS4-HMAC-SHA256</StringToSign></Error>"""


def store(**changes: str) -> ObjectStore:
    return ObjectStore({**OPTIONS, **changes}, SafePoint(), lambda _unused: None)


def test_of_an_error_only_the_stores_own_words_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_unused: object) -> None:
        raise PermissionDeniedError(ANSWER)

    monkeypatch.setattr(obstore, "list", refuse)
    with pytest.raises(UpgradeError) as error:
        store().sizes("r1")
    assert error.value.message.startswith(
        "the bucket ampora at http://127.0.0.1:9 cannot be listed: SignatureDoesNotMatch: Check your key. ("
    )
    assert error.value.__cause__ is None
    assert "the-access-key" not in str(error.value)


def test_a_store_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(object_store.RETRIES, "max_retries", 0)
    with pytest.raises(UpgradeError, match="cannot be listed: it does not answer"):
        store().sizes("r1")


def test_an_object_may_not_lead_out_of_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ObjectStore, "sizes", lambda _self, _prefix: {"../outside": 1})
    with pytest.raises(UpgradeError, match="leads out of the snapshot"):
        store().download("r1", tmp_path)
    assert not (tmp_path.parent / "outside").exists()


def test_a_certificate_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UpgradeError, match="ampora_snapshot_s3.ca_file is .* cannot be read"):
        store(ca_file=str(tmp_path / "none.crt"))


def test_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_store, "obstore", None)
    with pytest.raises(UpgradeError, match="The Python package obstore is missing"):
        store()
