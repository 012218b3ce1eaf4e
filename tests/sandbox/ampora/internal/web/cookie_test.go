// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package web

import "testing"

func TestSignedCookies(t *testing.T) {
	one, other := signer{[]byte("one")}, signer{[]byte("other")}
	cookie := one.seal(user{Subject: "alice", Role: "Admin"})
	var got user
	if err := one.open(cookie, &got); err != nil || got.Subject != "alice" {
		t.Errorf("got %+v, %v", got, err)
	}
	for name, bad := range map[string]string{"another key": other.seal(user{}), "no signature": "e30", "empty": "", "changed": "x" + cookie} {
		if err := one.open(bad, &got); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestRoles(t *testing.T) {
	cases := map[string]any{"Admin": []any{"Viewer", "Admin"}, "Operator": "Operator", "": "Janitor"}
	for want, claim := range cases {
		if got := highestRole(claim); got != want {
			t.Errorf("%v: got %q, want %q", claim, got, want)
		}
	}
}

func TestOnlyOwnPathsAreReturnedTo(t *testing.T) {
	for path, want := range map[string]string{"/fleet": "/fleet", "//evil.example": "/", "https://evil.example": "/", "": "/", `/\evil`: "/"} {
		if got := ownPath(path); got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
}
