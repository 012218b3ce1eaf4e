// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package settings

import (
	"ampora.example/ampora/internal/logging"
	"ampora.example/ampora/internal/schema"
)

// Deprecation is a setting in use that a later release no longer knows.
type Deprecation struct {
	Key, RemovedIn, Instead string
}

const legacyHeartbeatRemoved = "2.0.0"

// Deprecated lists the deprecated settings in use. A release that has removed a key ignores it, as .NET does.
func (s *Settings) Deprecated() []Deprecation {
	if !s.LegacyBeat || schema.AtLeast(s.Version, legacyHeartbeatRemoved) {
		return nil
	}
	return []Deprecation{{Key: "OpAmp:LegacyHeartbeat", RemovedIn: legacyHeartbeatRemoved, Instead: "OpAmp:HeartbeatWindowSeconds"}}
}

// Warn writes the documented warning; to be called on every use.
func (d Deprecation) Warn(log *logging.Logger) {
	log.Warn("Ampora.OpAmp.Core.Heartbeat", "Configuration key {Key} is deprecated and will be removed in {RemovedIn}, use {Instead}",
		"Key", d.Key, "RemovedIn", d.RemovedIn, "Instead", d.Instead)
}
