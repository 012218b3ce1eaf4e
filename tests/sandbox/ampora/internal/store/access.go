// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"ampora.example/ampora/internal/keys"
)

// Token returns the name and role behind a token's hash.
func (s *Store) Token(ctx context.Context, hash []byte) (name, role string, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err = s.pool.QueryRow(ctx, "SELECT name, role FROM api_tokens WHERE token_hash = $1 AND revoked_at_utc IS NULL", hash).Scan(&name, &role)
	return name, role, notFound(err)
}

// Login is what the identity provider says about a user.
type Login struct {
	Subject, Name, Role, Tenant string
}

// RecordLogin keeps the user; the first one of an installation becomes Admin, whatever the claim. Returns the role.
func (s *Store) RecordLogin(ctx context.Context, actor Actor, login Login) (string, error) {
	role := login.Role
	_, err := s.audited(ctx, actor, func(tx pgx.Tx) (change, error) {
		made := change{entityType: "User", action: "login"}
		var others bool
		if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM users WHERE subject <> $1)", login.Subject).Scan(&others); err != nil {
			return made, err
		}
		if !others {
			role = "Admin"
		}
		made.after = map[string]any{"name": login.Name, "role": role}
		err := tx.QueryRow(ctx, fmt.Sprintf(`INSERT INTO users (tenant_id, subject, %[1]s, role, last_login_utc)
			SELECT id, $2, $3, $4, now() FROM tenants WHERE slug = $1
			ON CONFLICT (subject) DO UPDATE SET %[1]s = $3, role = $4, last_login_utc = now()
			RETURNING id::text, tenant_id::text`, s.model.UserName), login.Tenant, login.Subject, login.Name, role).
			Scan(&made.entityID, &made.tenantID)
		return made, notFound(err)
	})
	return role, err
}

// CheckSigningKeys decrypts every signing key, and makes the first one in an empty installation.
func (s *Store) CheckSigningKeys(ctx context.Context, master keys.MasterKey) error {
	rows, err := s.pool.Query(ctx, `SELECT private_key_encrypted, private_key_nonce, private_key_tag, private_key_scheme FROM ca_signing_keys`)
	if err != nil {
		return err
	}
	envelopes, err := pgx.CollectRows(rows, pgx.RowToStructByPos[keys.Envelope])
	if err != nil {
		return err
	}
	for _, envelope := range envelopes {
		if _, err := master.Open(envelope); err != nil {
			return &KeyError{err}
		}
	}
	if len(envelopes) > 0 {
		return nil
	}
	return InsertSigningKey(ctx, s.pool, master, keys.NewSigningKey())
}

// KeyError means that the database was written under another master key; no retry heals it.
type KeyError struct{ err error }

func (e *KeyError) Error() string { return "a signing key cannot be decrypted: " + e.err.Error() }

// IsKeyError tells a wrong master key from a database that is away.
func IsKeyError(err error) bool {
	var key *KeyError
	return errors.As(err, &key)
}

// Execer is a pool, a connection or a transaction.
type Execer interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// InsertSigningKey keeps the private half encrypted only.
func InsertSigningKey(ctx context.Context, db Execer, master keys.MasterKey, key keys.SigningKey) error {
	e := key.Seal(master)
	var id string
	return db.QueryRow(ctx, `INSERT INTO ca_signing_keys
		(state, public_key, private_key_encrypted, private_key_nonce, private_key_tag, private_key_scheme)
		VALUES ('Active', $1, $2, $3, $4, $5) RETURNING id::text`, key.Public(), e.Encrypted, e.Nonce, e.Tag, e.Scheme).Scan(&id)
}
