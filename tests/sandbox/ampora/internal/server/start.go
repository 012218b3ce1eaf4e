// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package server

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"ampora.example/ampora/internal/logging"
	"ampora.example/ampora/internal/schema"
	"ampora.example/ampora/internal/settings"
	"ampora.example/ampora/internal/store"
)

const retryAfter = 250 * time.Millisecond

// start brings the instance to readiness, or ends with the context's error when it is told to stop before that.
// It waits for a database that is away or behind; it gives up on what cannot heal.
func (s *server) start(ctx context.Context) error {
	for _, use := range s.settings.Deprecated() {
		use.Warn(s.log)
	}
	if err := s.retry(ctx, s.migrate); err != nil {
		return err
	}
	s.compare(ctx)
	if err := s.retry(ctx, func(ctx context.Context) error { return s.health.database(ctx, true) }); err != nil {
		return err
	}
	if err := s.retry(ctx, s.unlock); err != nil {
		return err
	}
	background := context.WithoutCancel(ctx) // sessions are served until the drain is over
	s.hub.Run(background)
	s.health.block("")
	s.log.Info(hosting, "Application started")
	return nil
}

// errFatal marks what no retry heals.
type errFatal struct{ error }

func (e errFatal) Unwrap() error { return e.error }

func (s *server) retry(ctx context.Context, step func(context.Context) error) error {
	for {
		err := step(ctx)
		var fatal errFatal
		if err == nil || errors.As(err, &fatal) {
			return err
		}
		s.health.logOnce(err)
		s.health.block(logging.Exception(err))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(retryAfter):
		}
	}
}

// migrate applies at the start, when told to. A failed migration ends the process, a missing database does not.
func (s *server) migrate(ctx context.Context) error {
	if !s.settings.AutoMigrate {
		return nil
	}
	s.health.block("migrations are being applied")
	err := migrator(s.settings, s.log).Apply(ctx, s.database.ConnConfig.Copy())
	var pg *pgconn.PgError
	if errors.As(err, &pg) && ctx.Err() == nil {
		return errFatal{err}
	}
	return err
}

// compare says once how the database stands to this release.
func (s *server) compare(ctx context.Context) {
	applied, err := schema.Applied(ctx, s.health.pool)
	if err != nil {
		return // the next step finds the same, and waits
	}
	pending, unknown := schema.Plan(s.health.bundle, applied)
	if len(pending) > 0 {
		s.log.Warn("Ampora.Persistence.Migrations", "The database is behind: {Count} migrations are pending and AMPORA_AUTO_MIGRATE is 0",
			"Count", len(pending), "First", pending[0].ID)
	}
	if len(unknown) > 0 {
		s.log.Warn("Ampora.Persistence.Migrations", "The database has {Count} migrations that version {Version} does not know",
			"Count", len(unknown), "Version", s.settings.Version)
	}
}

// unlock proves that the master key is the one that the database was written under.
func (s *server) unlock(ctx context.Context) error {
	if err := s.store.CheckSigningKeys(ctx, s.master); err != nil {
		if store.IsKeyError(err) {
			return errFatal{err}
		}
		return err
	}
	return s.hub.Open(ctx)
}

func migrator(s *settings.Settings, log *logging.Logger) schema.Migrator {
	return schema.Migrator{
		Bundle: schema.Bundled(s.Version, s.Faults.ExtraMigration), InOneTransaction: s.InOneTx, Log: log,
		Slow: s.Faults.SlowMigration, Fault: s.Faults.Migration, FaultAt: s.Faults.MigrationAt,
	}
}

// Migrate applies what is missing and ends.
func Migrate(ctx context.Context, s *settings.Settings, log *logging.Logger) error {
	config, err := s.Database()
	if err != nil {
		return err
	}
	if err := migrator(s, log).Apply(ctx, config.ConnConfig); err != nil {
		return fmt.Errorf("migrating failed: %w", err)
	}
	return nil
}
