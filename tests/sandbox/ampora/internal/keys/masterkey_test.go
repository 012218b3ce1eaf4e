// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package keys

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
)

func TestSealAndOpen(t *testing.T) {
	key := MasterKey{1}
	envelope := key.Seal([]byte("private"))
	if bytes.Contains(envelope.Encrypted, []byte("private")) || len(envelope.Tag) != 16 || len(envelope.Nonce) != 12 {
		t.Errorf("not an AES-GCM envelope: %+v", envelope)
	}
	if plain, err := key.Open(envelope); err != nil || string(plain) != "private" {
		t.Errorf("got %q, %v", plain, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	good := MasterKey{1}.Seal([]byte("private"))
	changed, otherScheme := good, good
	changed.Encrypted = append([]byte{good.Encrypted[0] ^ 1}, good.Encrypted[1:]...)
	otherScheme.Scheme = "none"
	cases := map[string]struct {
		key      MasterKey
		envelope Envelope
	}{"wrong key": {MasterKey{2}, good}, "changed value": {MasterKey{1}, changed}, "other scheme": {MasterKey{1}, otherScheme}}
	for name, c := range cases {
		if _, err := c.key.Open(c.envelope); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestParseMasterKey(t *testing.T) {
	want := MasterKey{7}
	if got, err := ParseMasterKey(base64.StdEncoding.EncodeToString(want[:])); err != nil || got != want {
		t.Errorf("got %v, %v", got, err)
	}
	for _, text := range []string{"", "c2hvcnQ=", "not base64!"} {
		if _, err := ParseMasterKey(text); err == nil || (text != "" && strings.Contains(err.Error(), text)) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestDerivedKeysDiffer(t *testing.T) {
	key := MasterKey{1}
	if bytes.Equal(key.Derive("session"), key.Derive("state")) || !bytes.Equal(key.Derive("session"), key.Derive("session")) {
		t.Error("a derived key must depend on its purpose and on nothing else")
	}
}
