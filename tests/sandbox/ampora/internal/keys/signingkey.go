// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package keys

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
)

// SigningKey is the CA's key. The product's is RSA-3072; a double that starts within a second is worth more than that.
type SigningKey struct {
	private ed25519.PrivateKey
	nonce   []byte // nil for a fresh one
}

// NewSigningKey makes a key for an empty installation.
func NewSigningKey() SigningKey {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err) // the system's random source does not fail
	}
	return SigningKey{private: private}
}

// SeededSigningKey makes the same key for the same name, and encrypts it to the same bytes.
func SeededSigningKey(name string) SigningKey {
	seed := sha256.Sum256([]byte(name))
	nonce := sha256.Sum256(seed[:])
	return SigningKey{private: ed25519.NewKeyFromSeed(seed[:]), nonce: nonce[:12]}
}

// Public returns the public half.
func (k SigningKey) Public() []byte { return k.private.Public().(ed25519.PublicKey) }

// Seal encrypts the private half.
func (k SigningKey) Seal(master MasterKey) Envelope {
	if k.nonce == nil {
		return master.Seal(k.private)
	}
	return master.SealWith(k.nonce, k.private)
}
