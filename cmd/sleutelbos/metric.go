package main

import (
	"context"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sleutelbos/sleutelbos/graph"
	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/outbox"
)

// metrics are told by the layers below what they do; docs/operations.md says what to make of each. Every label has few
// values, and ours: portals, fields of the schema, codes, actions.
type metrics struct {
	mails, texts, webhooks deliveryMetric
	budgets                *prometheus.CounterVec
	checks                 *prometheus.CounterVec
	retained, unretained   *prometheus.CounterVec
	operations             *prometheus.HistogramVec
	refusals               *prometheus.CounterVec
	events                 *prometheus.CounterVec
	hashWait               prometheus.Histogram
}

// deliveryMetric tells how the tries to deliver one kind of message ended.
type deliveryMetric struct{ duration *prometheus.HistogramVec }

func newMetrics() metrics {
	m := metrics{
		mails:      newDeliveryMetric("sleutelbos_mail_duration_seconds", "Tries to deliver a mail, by outcome, and how long they took."),
		texts:      newDeliveryMetric("sleutelbos_text_duration_seconds", "Tries to deliver a text, by outcome, and how long they took."),
		webhooks:   newDeliveryMetric("sleutelbos_webhook_duration_seconds", "Tries to deliver an event to a webhook endpoint, by outcome, and how long they took."),
		budgets:    newCounter("sleutelbos_text_budget_refusals_total", "Texts that a budget forbade, by portal and budget.", "portal", "budget"),
		checks:     newCounter("sleutelbos_register_checks_total", "Questions to the trade register, by whether they were answered.", "answered"),
		retained:   newCounter("sleutelbos_retention_total", "What went because it was kept long enough, by portal and kind.", "portal", "what"),
		unretained: newCounter("sleutelbos_retention_failures_total", "Turns in which not all of it went, by portal and kind.", "portal", "what"),
		operations: newDuration("sleutelbos_operation_duration_seconds", "GraphQL operations, by kind and outcome, and how long they took.", "kind", "outcome"),
		refusals:   newCounter("sleutelbos_refusals_total", "What was refused, by portal, field of Query or Mutation, and code.", "portal", "field", "code"),
		events:     newCounter("sleutelbos_audit_events_total", "Events written to audit logs, by portal and action.", "portal", "action"),
		hashWait: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "sleutelbos_password_hash_wait_seconds", Help: "How long passwords waited to be hashed.", Buckets: durations,
		}),
	}
	for _, kind := range []string{"query", "mutation"} {
		for _, outcome := range graph.Outcomes {
			m.operations.WithLabelValues(kind, string(outcome)) // at 0 from the beginning
		}
	}
	m.checks.WithLabelValues("true")
	m.checks.WithLabelValues("false")
	return m
}

var durations = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

func newCounter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

func newDuration(name, help string, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: durations}, labels)
}

func newDeliveryMetric(name, help string) deliveryMetric {
	duration := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: name, Help: help, Buckets: []float64{.005, .025, .1, .5, 1, 5, 15, 60},
	}, []string{"outcome"})
	for _, outcome := range outbox.Outcomes {
		duration.WithLabelValues(string(outcome)) // at 0 from the beginning
	}
	return deliveryMetric{duration}
}

func (m deliveryMetric) observe(outcome outbox.Outcome, took time.Duration) {
	m.duration.WithLabelValues(string(outcome)).Observe(took.Seconds())
}

func (m metrics) exhausted(portal string, budget identity.Budget) {
	m.budgets.WithLabelValues(portal, string(budget)).Inc()
}

func (m metrics) checked(answered bool) { m.checks.WithLabelValues(strconv.FormatBool(answered)).Inc() }

func (m metrics) let(portal string, what identity.Retained, count int, well bool) {
	m.retained.WithLabelValues(portal, string(what)).Add(float64(count))
	failures := m.unretained.WithLabelValues(portal, string(what)) // at 0 from the first turn
	if !well {
		failures.Inc()
	}
}

func (m metrics) operated(kind string, outcome graph.Outcome, took time.Duration) {
	m.operations.WithLabelValues(kind, string(outcome)).Observe(took.Seconds())
}

func (m metrics) refused(portal, field string, code identity.Code) {
	m.refusals.WithLabelValues(portal, field, string(code)).Inc()
}

func (m metrics) recorded(_ context.Context, events []identity.AuditEvent) {
	for _, event := range events {
		m.events.WithLabelValues(event.Portal, string(event.Action)).Inc()
	}
}

func (m metrics) hashWaited(long time.Duration) { m.hashWait.Observe(long.Seconds()) }

func (m metrics) collectors() []prometheus.Collector {
	return []prometheus.Collector{
		m.mails.duration, m.texts.duration, m.webhooks.duration, m.budgets, m.checks, m.retained, m.unretained, m.operations, m.refusals, m.events, m.hashWait,
	}
}
