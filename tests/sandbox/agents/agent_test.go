// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"encoding/hex"
	"testing"
)

func TestInstanceUIDIsTheSeedsOwn(t *testing.T) {
	// The double has the same test: the two must agree.
	uid := instanceUID(0)
	if got := hex.EncodeToString(uid[:]); got != "1a29ed8e3ed44e6cb6850fb3625fb5ce" {
		t.Errorf("got %s", got)
	}
}
