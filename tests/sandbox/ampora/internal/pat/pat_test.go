// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package pat

import (
	"strings"
	"testing"
)

func TestFormatPassesCheck(t *testing.T) {
	token := Format([]byte("twenty bytes of text"))
	if err := Check(token); err != nil {
		t.Errorf("%s: %v", token, err)
	}
}

func TestKnownToken(t *testing.T) {
	// base32("hello") and the CRC-32 of those eight letters, as Python computes them.
	if got := Format([]byte("hello")); got != "amp-pat.NBSWY3DP.e5dec270" {
		t.Errorf("got %s", got)
	}
}

func TestCheckRefuses(t *testing.T) {
	good := Format([]byte("twenty bytes of text"))
	for _, token := range []string{"", "amp-pat.x", "amp-bs" + good[7:], strings.Replace(good, ".O", ".P", 1), good[:len(good)-1], "amp-pat.1!.00000000"} {
		if Check(token) == nil {
			t.Errorf("%s: no error", token)
		}
	}
}
