// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Package server wires the parts to a process: start, health, drain and the commands that end.
package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"ampora.example/ampora/internal/logging"
	"ampora.example/ampora/internal/schema"
	"ampora.example/ampora/internal/settings"
)

// health answers the probes. It has a connection of its own, for the others may all wait for a migration's lock.
type health struct {
	settings *settings.Settings
	pool     *pgxpool.Pool
	bundle   []schema.Migration
	model    schema.Model
	log      *logging.Logger
	mu       sync.Mutex
	blocked  string // why the instance is not ready, whatever the database says; empty when it is
	last     string // the last reason that was logged
}

func (h *health) block(reason string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.blocked = reason
}

func (h *health) live(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	_, _ = fmt.Fprint(w, "Healthy")
}

func (h *health) ready(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	if reason := h.reason(r.Context()); reason != "" {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = fmt.Fprintf(w, "Unhealthy\n%s\n", reason)
		return
	}
	_, _ = fmt.Fprint(w, "Healthy")
}

func (h *health) reason(ctx context.Context) string {
	h.mu.Lock()
	blocked := h.blocked
	h.mu.Unlock()
	if h.settings.Faults.NotReady {
		return "readiness is switched off"
	}
	if blocked != "" {
		return blocked
	}
	if err := h.database(ctx, h.settings.StrictReady); err != nil {
		h.logOnce(err)
		return logging.Exception(err)
	}
	h.logOnce(nil)
	return ""
}

// database checks that PostgreSQL answers and that the schema is not behind. Whether the release's columns exist is asked
// at the start only, as the product compares its model at the start: a running binary stays ready while its pages break.
func (h *health) database(ctx context.Context, probe bool) error {
	ctx, cancel := context.WithTimeout(ctx, 1500*time.Millisecond)
	defer cancel()
	applied, err := schema.Applied(ctx, h.pool)
	if err != nil {
		return err
	}
	if pending, _ := schema.Plan(h.bundle, applied); len(pending) > 0 {
		return fmt.Errorf("the database is behind version %s: %d migrations are not applied, the first is %s",
			h.settings.Version, len(pending), pending[0].ID)
	}
	if !probe {
		return nil
	}
	for _, statement := range h.model.Probes() {
		if _, err := h.pool.Exec(ctx, statement); err != nil {
			return fmt.Errorf("the database schema does not fit version %s: %w", h.settings.Version, err)
		}
	}
	return nil
}

// logOnce logs a reason when it changes, not with every probe.
func (h *health) logOnce(err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	h.mu.Lock()
	changed := text != h.last && !errors.Is(err, context.Canceled)
	h.last = text
	h.mu.Unlock()
	if changed && err != nil {
		h.log.Error("Ampora.Web.Health", "The database is unusable: {Reason}", err, "Reason", text)
	}
}
