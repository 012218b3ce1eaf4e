// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package schema

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// productVersion is EF Core's own version, which is what it writes into its history.
const productVersion = "10.0.1"

const createHistory = `CREATE TABLE IF NOT EXISTS "__EFMigrationsHistory" (
    "MigrationId" character varying(150) NOT NULL,
    "ProductVersion" character varying(32) NOT NULL,
    CONSTRAINT "PK___EFMigrationsHistory" PRIMARY KEY ("MigrationId")
)`

// Querier is what a pool, a connection and a transaction have in common.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// Applied reads the history; a database without one has no migrations.
func Applied(ctx context.Context, db Querier) ([]string, error) {
	rows, err := db.Query(ctx, `SELECT "MigrationId" FROM "__EFMigrationsHistory" ORDER BY "MigrationId"`)
	if err != nil {
		return nil, ignoreMissingTable(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return ids, ignoreMissingTable(err)
}

func ignoreMissingTable(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "42P01" {
		return nil
	}
	return err
}
