// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Package seed fills an empty database with the same installation every time.
package seed

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"ampora.example/ampora/internal/keys"
	"ampora.example/ampora/internal/logging"
	"ampora.example/ampora/internal/pat"
	"ampora.example/ampora/internal/schema"
	"ampora.example/ampora/internal/server"
	"ampora.example/ampora/internal/settings"
	"ampora.example/ampora/internal/store"
)

// Token is the API token of the test ground, with the role Admin.
var Token = pat.Format([]byte("ampora test ground!!"))

// start is when the seeded installation began; nothing seeded depends on the clock.
var start = time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC)

type sizes struct {
	reset                                                 bool
	tenants, agents, configurationVersions, audits, mbyte int
}

func parse(args []string) (sizes, error) {
	var n sizes
	flags := flag.NewFlagSet("seed", flag.ContinueOnError)
	flags.BoolVar(&n.reset, "reset", false, "drop everything in the database first")
	flags.IntVar(&n.tenants, "tenants", 3, "number of tenants")
	flags.IntVar(&n.agents, "agents", 200, "number of agents")
	flags.IntVar(&n.configurationVersions, "configuration-versions", 1000, "number of configuration versions")
	flags.IntVar(&n.audits, "audit-events", 50000, "number of audit events")
	flags.IntVar(&n.mbyte, "megabytes", 0, "how much the configuration versions weigh in all, beyond their own size")
	if err := flags.Parse(args); err != nil {
		return n, err
	}
	if flags.NArg() > 0 || n.tenants < 1 || n.configurationVersions < 1 || min(n.agents, n.audits, n.mbyte) < 0 {
		return n, errors.New("seed takes flags only, with one tenant and one configuration version at least")
	}
	return n, nil
}

// Run migrates to the release of AMPORA_VERSION and fills the tables in one transaction.
func Run(ctx context.Context, s *settings.Settings, args []string, log *logging.Logger) error {
	n, err := parse(args)
	if err != nil {
		return err
	}
	master, err := keys.ParseMasterKey(s.MasterKey)
	if err != nil {
		return err
	}
	config, err := s.Database()
	if err != nil {
		return err
	}
	conn, err := pgx.ConnectConfig(ctx, config.ConnConfig)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if n.reset {
		// A pod that still holds a table must end the seed with an error, not hang it.
		if _, err := conn.Exec(ctx, "SET lock_timeout = '5s'; DROP SCHEMA public CASCADE; CREATE SCHEMA public; RESET lock_timeout"); err != nil {
			return err
		}
	}
	if err := server.Migrate(ctx, s, log); err != nil {
		return err
	}
	f := filler{sizes: n, master: master, model: schema.ModelOf(s.Version)}
	if err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return f.fill(ctx, tx) }); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "ANALYZE"); err != nil {
		return err
	}
	fmt.Println("AMPORA_SANDBOX_PAT=" + Token)
	return nil
}

type filler struct {
	sizes
	master keys.MasterKey
	model  schema.Model
}

func (f filler) fill(ctx context.Context, tx pgx.Tx) error {
	var taken bool
	if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM tenants)").Scan(&taken); err != nil {
		return err
	}
	if taken {
		return errors.New("the database is not empty; --reset drops everything in it first")
	}
	for _, table := range f.tables() {
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{table.name}, table.columns, pgx.CopyFromSlice(table.rows, table.row)); err != nil {
			return fmt.Errorf("%s: %w", table.name, err)
		}
	}
	return store.InsertSigningKey(ctx, tx, f.master, keys.SeededSigningKey("ampora-ca"))
}
