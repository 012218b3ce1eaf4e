// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"ampora.example/ampora/internal/fleet"
	"ampora.example/ampora/internal/keys"
	"ampora.example/ampora/internal/logging"
	"ampora.example/ampora/internal/metrics"
	"ampora.example/ampora/internal/schema"
	"ampora.example/ampora/internal/settings"
	"ampora.example/ampora/internal/store"
	"ampora.example/ampora/internal/web"
)

const hosting = "Microsoft.Hosting.Lifetime"

type server struct {
	settings *settings.Settings
	log      *logging.Logger
	master   keys.MasterKey
	database *pgxpool.Config
	store    *store.Store
	hub      *fleet.Hub
	health   *health
	metrics  *metrics.Metrics
}

// Serve runs until the context ends, then drains. An error is a start that cannot succeed.
func Serve(ctx context.Context, s *settings.Settings, log *logging.Logger) error {
	srv, err := build(ctx, s, log)
	if err != nil {
		return err
	}
	httpServer := &http.Server{Addr: fmt.Sprintf(":%d", s.Port), Handler: srv.routes(), ReadHeaderTimeout: 10 * time.Second}
	fatal := make(chan error, 2)
	go func() { fatal <- httpServer.ListenAndServe() }()
	go func() {
		if err := srv.start(ctx); err != nil && ctx.Err() == nil {
			fatal <- err
		}
	}()
	log.Info(hosting, "Ampora {Version} is listening on port {Port}", "Version", s.Version, "Port", s.Port, "Instance", s.Instance)
	select {
	case err := <-fatal:
		return err
	case <-crash(s.Faults.CrashAfter):
		return errors.New("crashed by a switch")
	case <-ctx.Done():
		srv.drain(httpServer)
		return nil
	}
}

func crash(after time.Duration) <-chan time.Time {
	if after == 0 {
		return nil // blocks for ever
	}
	return time.After(after)
}

func build(ctx context.Context, s *settings.Settings, log *logging.Logger) (*server, error) {
	master, err := keys.ParseMasterKey(s.MasterKey)
	if err != nil {
		return nil, err
	}
	config, err := s.Database()
	if err != nil {
		return nil, err
	}
	counters := metrics.New()
	config.ConnConfig.Tracer = counters
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	probe := config.Copy()
	probe.MaxConns, probe.ConnConfig.Tracer = 1, nil
	probePool, err := pgxpool.NewWithConfig(ctx, probe)
	if err != nil {
		return nil, err
	}
	model := schema.ModelOf(s.Version)
	return &server{
		settings: s, log: log, master: master, database: config, metrics: counters,
		store: store.New(pool, model), hub: fleet.NewHub(s, pool, counters, log),
		health: &health{settings: s, pool: probePool, model: model, log: log, blocked: "the instance is starting",
			bundle: schema.Bundled(s.Version, s.Faults.ExtraMigration)},
	}, nil
}

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health/live", s.health.live)
	mux.HandleFunc("GET /health/ready", s.health.ready)
	mux.Handle("GET /metrics", s.metrics.Handler())
	mux.Handle("GET /v1/opamp", s.hub)
	mux.Handle("/", web.New(s.settings, s.store, s.master, s.metrics, s.log))
	return mux
}

// drain serves on for a moment, for the Service sends traffic until every node knows that this pod is leaving.
func (s *server) drain(httpServer *http.Server) {
	s.log.Info(hosting, "Application is shutting down...")
	time.Sleep(s.settings.DrainDelay)
	s.health.block("the instance is shutting down")
	s.hub.Drain(s.settings.DrainTime)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = httpServer.Shutdown(ctx) // what is still open after that is cut off with the process
}
