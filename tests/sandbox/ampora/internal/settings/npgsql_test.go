// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package settings

import (
	"maps"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestParseConnectionString(t *testing.T) {
	cases := map[string]ConnectionString{
		"Host=db;Port=5432;Username=ampora;Password=x":  {"host": "db", "port": "5432", "username": "ampora", "password": "x"},
		" server = db ; USER ID=a ;; SSL Mode=Require;": {"host": "db", "username": "a", "ssl mode": "Require"},
		`Password="a;b""c";Host=db`:                     {"password": `a;b"c`, "host": "db"},
		`Password='it''s = "so"';Host=db`:               {"password": `it's = "so"`, "host": "db"},
		`Password=a=b'c;Host=db`:                        {"password": "a=b'c", "host": "db"},
		`Host=one;Host=two`:                             {"host": "two"},
		"":                                              {},
	}
	for text, want := range cases {
		got, err := ParseConnectionString(text)
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("%s: got %v, %v; want %v", text, got, err, want)
		}
	}
}

func TestErrorsHoldNoValue(t *testing.T) {
	for _, text := range []string{`Password="secret`, `Password='secret'x;Host=db`, "Passwort=secret", "secret"} {
		_, err := ParseConnectionString(text)
		if err == nil {
			t.Errorf("%s: no error", text)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("the error repeats the value: %v", err)
		}
	}
}

func TestLibpqSurvivesOddPasswords(t *testing.T) {
	const password = `a'b\c d;e`
	pairs := ConnectionString{"host": "db", "port": "5433", "username": "u", "password": password, "ssl mode": "VerifyFull", "database": "ampora"}
	text, err := pairs.Libpq()
	if err != nil {
		t.Fatal(err)
	}
	config, err := pgx.ParseConfig(text)
	if err != nil {
		t.Fatal(err)
	}
	if config.Password != password || config.Port != 5433 || config.TLSConfig == nil || config.TLSConfig.ServerName != "db" {
		t.Errorf("got %q on port %d", config.Password, config.Port)
	}
}

func TestLibpqRefuses(t *testing.T) {
	for _, pairs := range []ConnectionString{{"host": "db", "ssl mode": "maybe"}, {"port": "5432"}} {
		if _, err := pairs.Libpq(); err == nil {
			t.Errorf("%v: no error", pairs)
		}
	}
}
