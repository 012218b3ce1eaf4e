// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Package pat makes and checks personal access tokens: amp-pat.<base32>.<crc>.
package pat

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"hash/crc32"
	"strings"
)

const prefix = "amp-pat"

var encoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// Format writes a token for a secret.
func Format(secret []byte) string {
	body := encoding.EncodeToString(secret)
	return fmt.Sprintf("%s.%s.%08x", prefix, body, crc32.ChecksumIEEE([]byte(body)))
}

// Check finds a mistyped token without asking the database.
func Check(token string) error {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || parts[0] != prefix {
		return fmt.Errorf("not a token of the form amp-pat.<base32>.<crc>")
	}
	if _, err := encoding.DecodeString(parts[1]); err != nil {
		return fmt.Errorf("the token's second part is not base32")
	}
	if parts[2] != fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(parts[1]))) {
		return fmt.Errorf("the token's checksum does not match")
	}
	return nil
}

// Hash is what the database keeps.
func Hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
