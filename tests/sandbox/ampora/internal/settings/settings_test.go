// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package settings

import (
	"testing"
	"time"
)

func TestNamesAreReadAsDotNetReadsThem(t *testing.T) {
	s, err := load([]string{"connectionstrings__AMPORA=Host=db", "Dispatch__OwnershipTtlSeconds=5", "AMPORA_AUTO_MIGRATE=1"})
	if err != nil {
		t.Fatal(err)
	}
	if s.connection != "Host=db" || s.OwnershipTTL != 5*time.Second || !s.AutoMigrate {
		t.Errorf("got %+v", s)
	}
}

func TestDefaultsAreTheDocumentedOnes(t *testing.T) {
	s, err := load(nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.Port != 8080 || s.AutoMigrate || s.Backplane != "InProcess" || !s.RequireMTLS || s.OwnershipTTL != time.Minute {
		t.Errorf("got %+v", s)
	}
}

func TestBadNumberNamesTheSetting(t *testing.T) {
	_, err := load([]string{"ASPNETCORE_HTTP_PORTS=eighty"})
	if err == nil || err.Error() != "ASPNETCORE_HTTP_PORTS must be a whole number" {
		t.Errorf("got %v", err)
	}
}

func TestFaultsOfAnotherVersionStayOff(t *testing.T) {
	environ := []string{"AMPORA_DOUBLE_NOT_READY=1", "AMPORA_DOUBLE_FAULT_VERSIONS=1.5.0,1.5.1"}
	for version, want := range map[string]bool{"1.4.2": false, "1.5.1": true} {
		s, err := load(append(environ, "AMPORA_VERSION="+version))
		if err != nil || s.Faults.NotReady != want {
			t.Errorf("%s: got %v, %v", version, s.Faults.NotReady, err)
		}
	}
}
