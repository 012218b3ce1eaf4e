// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Package logging writes the product's log form: one JSON object a line on stdout, with the message as an unrendered template.
package logging

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Logger is safe for concurrent use; loggers made from one another share a writer.
type Logger struct {
	mu      *sync.Mutex
	out     io.Writer
	traceID any
	spanID  any
	tenant  any
}

// New returns a logger without a trace.
func New(out io.Writer) *Logger {
	return &Logger{mu: &sync.Mutex{}, out: out}
}

// WithTrace returns a logger for one request.
func (l *Logger) WithTrace(traceID, spanID string) *Logger {
	traced := *l
	traced.traceID, traced.spanID = traceID, spanID
	return &traced
}

// WithTenant returns a logger for one tenant's work.
func (l *Logger) WithTenant(tenant string) *Logger {
	own := *l
	own.tenant = tenant
	return &own
}

// Info, Warn, Error and Critical take the template's properties as name and value in turn.
func (l *Logger) Info(category, template string, properties ...any) {
	l.write("Information", category, template, properties)
}

// Warn is for deprecations and for what heals by itself.
func (l *Logger) Warn(category, template string, properties ...any) {
	l.write("Warning", category, template, properties)
}

// Error logs a failure; a database error gets the words of the .NET driver, which operators search for.
func (l *Logger) Error(category, template string, err error, properties ...any) {
	if errors.Is(err, context.Canceled) {
		return // a client that went away is no failure
	}
	l.write("Error", category, template, append(properties, "exception", Exception(err)))
}

// Critical logs what ends the process.
func (l *Logger) Critical(category, template string, err error, properties ...any) {
	l.write("Critical", category, template, append(properties, "exception", Exception(err)))
}

// Exception renders an error as the .NET driver would.
func Exception(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return "Npgsql.PostgresException (0x80004005): " + pg.Code + ": " + pg.Message
	}
	return err.Error()
}

func (l *Logger) write(level, category, template string, properties []any) {
	record := map[string]any{
		"timestamp": time.Now().UTC().Format("2006-01-02T15:04:05.000Z"),
		"level":     level, "category": category, "message": template,
		"trace_id": l.traceID, "span_id": l.spanID, "tenant_id": l.tenant,
	}
	for i := 0; i+1 < len(properties); i += 2 {
		record[properties[i].(string)] = properties[i+1]
	}
	line, err := json.Marshal(record)
	if err != nil {
		line = []byte(`{"level":"Error","category":"Ampora.Logging","message":"A log record could not be written"}`)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.out.Write(append(line, '\n'))
}
