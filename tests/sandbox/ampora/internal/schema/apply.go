// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package schema

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"ampora.example/ampora/internal/logging"
)

// LockKey is the advisory lock that keeps two instances from migrating at once ("AMPO" in ASCII).
const LockKey int64 = 0x414D504F

const historyCategory = "Microsoft.EntityFrameworkCore.Migrations.HistoryRepository"

// Migrator applies what a release bundles and the database lacks.
type Migrator struct {
	Bundle           []Migration
	InOneTransaction bool
	Slow             time.Duration // how much longer each migration holds its locks
	Fault            string        // permission, exists or memory; empty for none
	FaultAt          string        // the migration that fails; empty for the first pending one
	Log              *logging.Logger
}

// Apply migrates on its own connection, for the advisory lock belongs to a session.
func (m Migrator) Apply(ctx context.Context, config *pgx.ConnConfig) (err error) {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer closeConn(conn)
	if err := m.lock(ctx, conn); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, createHistory); err != nil {
		return err
	}
	applied, err := Applied(ctx, conn)
	if err != nil {
		return err
	}
	pending, _ := Plan(m.Bundle, applied)
	if len(pending) == 0 {
		m.Log.Info(historyCategory, "No migrations were applied. The database is already up to date.")
		return nil
	}
	return m.run(ctx, conn, pending)
}

// closeConn gives the lock back with the connection, also when the work was cancelled.
func closeConn(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = conn.Close(ctx)
}

func (m Migrator) lock(ctx context.Context, conn *pgx.Conn) error {
	var free bool
	if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", LockKey).Scan(&free); err != nil || free {
		return err
	}
	m.Log.Warn("Ampora.Persistence.Migrations", "Waiting for pg_advisory_lock({LockKey}): another instance is migrating", "LockKey", LockKey)
	_, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", LockKey)
	return err
}

// run keeps to the product's words: one transaction a migration leaves the schema at the previous successful one.
func (m Migrator) run(ctx context.Context, conn *pgx.Conn, pending []Migration) error {
	batches := [][]Migration{pending}
	if !m.InOneTransaction {
		batches = nil
		for _, migration := range pending {
			batches = append(batches, []Migration{migration})
		}
	}
	faultAt := m.FaultAt
	if faultAt == "" {
		faultAt = pending[0].ID
	}
	for _, batch := range batches {
		err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return m.runBatch(ctx, tx, batch, faultAt) })
		if err != nil {
			return err
		}
	}
	m.Log.Info("Ampora.Persistence.Migrations", "Applied {Count} migrations", "Count", len(pending))
	return nil
}

func (m Migrator) runBatch(ctx context.Context, tx pgx.Tx, batch []Migration, faultAt string) error {
	for _, migration := range batch {
		m.Log.Info(historyCategory, historyCategory+": Applying migration '{MigrationId}'.", "MigrationId", migration.ID)
		script, err := migration.Script()
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, script); err != nil {
			return fmt.Errorf("migration %s: %w", migration.ID, err)
		}
		if err := m.misbehave(ctx, tx, migration.ID == faultAt); err != nil {
			return fmt.Errorf("migration %s: %w", migration.ID, err)
		}
		insert := `INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion") VALUES ($1, $2)`
		if _, err := tx.Exec(ctx, insert, migration.ID, productVersion); err != nil {
			return err
		}
	}
	return nil
}

var faults = map[string]string{
	"permission": `DO $$ BEGIN RAISE EXCEPTION 'permission denied for schema public' USING ERRCODE = 'insufficient_privilege'; END $$`,
	"exists":     `CREATE TABLE tenants (id uuid)`,
	"memory":     `DO $$ BEGIN RAISE EXCEPTION 'out of memory' USING ERRCODE = 'out_of_memory', DETAIL = 'Failed on request of size 536870912.'; END $$`,
}

// misbehave acts after the migration's own statements, so that a rollback has something to undo and the locks are held.
func (m Migrator) misbehave(ctx context.Context, tx pgx.Tx, failing bool) error {
	if m.Slow > 0 {
		if _, err := tx.Exec(ctx, "SELECT pg_sleep($1)", m.Slow.Seconds()); err != nil {
			return err
		}
	}
	if m.Fault == "" || !failing {
		return nil
	}
	statement, known := faults[m.Fault]
	if !known {
		return fmt.Errorf("unknown migration fault %q: permission, exists or memory", m.Fault)
	}
	_, err := tx.Exec(ctx, statement)
	return err
}
