// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Package web is what people and programs see: the pages behind the OIDC login and the REST API behind tokens.
package web

import (
	"context"
	"crypto/rand"
	"embed"
	"encoding/hex"
	"html/template"
	"net"
	"net/http"
	"strings"

	"ampora.example/ampora/internal/keys"
	"ampora.example/ampora/internal/logging"
	"ampora.example/ampora/internal/metrics"
	"ampora.example/ampora/internal/settings"
	"ampora.example/ampora/internal/store"
)

//go:embed templates/*.html
var templates embed.FS

// Web holds what the handlers share.
type Web struct {
	settings *settings.Settings
	store    *store.Store
	metrics  *metrics.Metrics
	log      *logging.Logger
	identity *identity
	sessions signer
	states   signer
	pages    map[string]*template.Template
}

// New makes the handler of everything but health, metrics and OpAMP.
func New(s *settings.Settings, db *store.Store, master keys.MasterKey, m *metrics.Metrics, log *logging.Logger) http.Handler {
	web := &Web{
		settings: s, store: db, metrics: m, log: log, identity: &identity{settings: s.Oidc},
		sessions: signer{master.Derive("session cookie")}, states: signer{master.Derive("login state cookie")},
		pages: parsePages(),
	}
	mux := http.NewServeMux()
	web.pageRoutes(mux)
	web.apiRoutes(mux)
	return web.traced(mux)
}

type traceKey struct{}

type trace struct{ id, span string }

// traced gives each request a trace, the caller's when it sends one.
func (web *Web) traced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t := trace{randomHex(16), randomHex(8)}
		if parts := strings.Split(r.Header.Get("traceparent"), "-"); len(parts) == 4 && len(parts[1]) == 32 {
			t.id = parts[1]
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), traceKey{}, t)))
	})
}

func randomHex(length int) string {
	raw := make([]byte, length)
	_, _ = rand.Read(raw)
	return hex.EncodeToString(raw)
}

func traceOf(r *http.Request) trace {
	t, _ := r.Context().Value(traceKey{}).(trace)
	return t
}

func (web *Web) logger(r *http.Request) *logging.Logger {
	t := traceOf(r)
	return web.log.WithTrace(t.id, t.span)
}

// actorOf names who makes a change, for the audit log.
func actorOf(r *http.Request, subject, role string) store.Actor {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	return store.Actor{Subject: subject, Role: role, SourceIP: host, TraceID: traceOf(r).id}
}
