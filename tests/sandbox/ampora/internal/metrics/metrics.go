// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Package metrics registers the documented metrics under their documented names and labels.
package metrics

import (
	"context"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics counts what an instance does. A counter without a first event has no series, as in the product.
type Metrics struct {
	registry        *prometheus.Registry
	FramesReceived  *prometheus.CounterVec
	FramesRejected  *prometheus.CounterVec
	DispatchLocal   *prometheus.CounterVec
	DispatchForward *prometheus.CounterVec
	NoSession       *prometheus.CounterVec
	EnvelopeAge     *prometheus.HistogramVec
	Acquires        *prometheus.CounterVec
	Transitions     *prometheus.CounterVec
	QueryDuration   prometheus.Histogram
}

// New makes a registry of its own, so that nothing of Go's runtime appears among the product's metrics.
func New() *Metrics {
	registry := prometheus.NewRegistry()
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
		registry.MustRegister(vec)
		return vec
	}
	m := &Metrics{
		registry:        registry,
		FramesReceived:  counter("ampora_opamp_frames_received_total", "Inbound frames.", "tenant", "frame_kind"),
		FramesRejected:  counter("ampora_opamp_frames_rejected_total", "Refused frames.", "tenant", "reason"),
		DispatchLocal:   counter("ampora_dispatch_local_total", "Dispatches on the same instance.", "tenant"),
		DispatchForward: counter("ampora_dispatch_forwarded_total", "Dispatches to another instance.", "tenant", "target_instance"),
		NoSession:       counter("ampora_dispatch_no_session_total", "Dispatches whose target had no live session.", "tenant"),
		Acquires:        counter("ampora_session_ownership_acquires_total", "Results of ownership leases.", "outcome"),
		Transitions:     counter("ampora_rollout_state_transitions_total", "Configuration rollouts.", "tenant", "from", "to"),
	}
	m.EnvelopeAge = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "ampora_dispatch_envelope_age_seconds", Help: "From publishing to consuming."}, []string{"tenant"})
	m.QueryDuration = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "ampora_db_query_duration_seconds", Help: "Database latency."})
	registry.MustRegister(m.EnvelopeAge, m.QueryDuration)
	return m
}

// Handler answers a scrape.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

var sessionsDesc = prometheus.NewDesc("ampora_opamp_active_sessions", "Open WebSockets.", []string{"tenant", "instance"}, nil)

type sessions struct {
	instance string
	count    func() map[string]int
}

// RegisterSessions reads the gauge from the sessions themselves, so that the two cannot differ.
func (m *Metrics) RegisterSessions(instance string, count func() map[string]int) {
	m.registry.MustRegister(sessions{instance, count})
}

func (s sessions) Describe(out chan<- *prometheus.Desc) { out <- sessionsDesc }

func (s sessions) Collect(out chan<- prometheus.Metric) {
	for tenant, count := range s.count() {
		out <- prometheus.MustNewConstMetric(sessionsDesc, prometheus.GaugeValue, float64(count), tenant, s.instance)
	}
}

type startKey struct{}

// TraceQueryStart and TraceQueryEnd make Metrics a tracer of the database driver.
func (m *Metrics) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return context.WithValue(ctx, startKey{}, time.Now())
}

// TraceQueryEnd observes how long the query took.
func (m *Metrics) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) {
	if start, ok := ctx.Value(startKey{}).(time.Time); ok {
		m.QueryDuration.Observe(time.Since(start).Seconds())
	}
}
