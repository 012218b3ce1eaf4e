// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Package keys protects what the database must not show: AES-GCM-256 under the master key.
package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
)

// Scheme is written beside every encrypted value.
const Scheme = "aes-gcm-256"

// MasterKey is the 32 bytes of KeyProtection:MasterKey.
type MasterKey [32]byte

// ParseMasterKey accepts base64 of exactly 32 bytes; its errors hold nothing of the value.
func ParseMasterKey(text string) (MasterKey, error) {
	var key MasterKey
	if text == "" {
		return key, fmt.Errorf("KeyProtection:MasterKey is not set")
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return key, fmt.Errorf("KeyProtection:MasterKey is not base64")
	}
	if len(raw) != len(key) {
		return key, fmt.Errorf("KeyProtection:MasterKey must be 32 bytes, it is %d", len(raw))
	}
	copy(key[:], raw)
	return key, nil
}

// Derive makes a key for another purpose, the same on every instance.
func (k MasterKey) Derive(purpose string) []byte {
	key, err := hkdf.Key(sha256.New, k[:], nil, purpose, 32)
	if err != nil {
		panic(err) // only a length that HKDF cannot make fails
	}
	return key
}

// Envelope is an encrypted value as its columns hold it.
type Envelope struct {
	Encrypted, Nonce, Tag []byte
	Scheme                string
}

// Seal encrypts under a fresh nonce.
func (k MasterKey) Seal(plain []byte) Envelope {
	nonce := make([]byte, 12)
	_, _ = rand.Read(nonce)
	return k.SealWith(nonce, plain)
}

// SealWith is for the seed, which is the same every time.
func (k MasterKey) SealWith(nonce, plain []byte) Envelope {
	aead := k.aead()
	sealed := aead.Seal(nil, nonce, plain, nil)
	cut := len(sealed) - aead.Overhead()
	return Envelope{Encrypted: sealed[:cut], Nonce: nonce, Tag: sealed[cut:], Scheme: Scheme}
}

// Open decrypts, or fails when the key is another one or the value was changed.
func (k MasterKey) Open(e Envelope) ([]byte, error) {
	if e.Scheme != Scheme {
		return nil, fmt.Errorf("unknown encryption scheme %q", e.Scheme)
	}
	aead := k.aead()
	if len(e.Nonce) != aead.NonceSize() {
		return nil, fmt.Errorf("the nonce has %d bytes, want %d", len(e.Nonce), aead.NonceSize())
	}
	plain, err := aead.Open(nil, e.Nonce, append(append([]byte{}, e.Encrypted...), e.Tag...), nil)
	if err != nil {
		return nil, fmt.Errorf("the computed authentication tag did not match the input authentication tag")
	}
	return plain, nil
}

func (k MasterKey) aead() cipher.AEAD {
	block, err := aes.NewCipher(k[:])
	if err != nil {
		panic(err) // 32 bytes are always a valid key
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return aead
}
