package main

import (
	"context"
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/outbox"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// deliveryMetrics count what is delivered, and what a budget forbids.
type deliveryMetrics struct {
	mails, texts, webhooks deliveryMetric
	budgets                *prometheus.CounterVec
}

// deliveryMetric tells how the tries to deliver one kind of message ended.
type deliveryMetric struct{ duration *prometheus.HistogramVec }

func newDeliveryMetrics() deliveryMetrics {
	return deliveryMetrics{
		mails:    newDeliveryMetric("sleutelbos_mail_duration_seconds", "Tries to deliver a mail, by outcome, and how long they took."),
		texts:    newDeliveryMetric("sleutelbos_text_duration_seconds", "Tries to deliver a text, by outcome, and how long they took."),
		webhooks: newDeliveryMetric("sleutelbos_webhook_duration_seconds", "Tries to deliver an event to a webhook endpoint, by outcome, and how long they took."),
		budgets: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sleutelbos_text_budget_refusals_total", Help: "Texts that a budget forbade, by portal and budget.",
		}, []string{"portal", "budget"}),
	}
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

func (m deliveryMetrics) exhausted(portal string, budget identity.Budget) {
	m.budgets.WithLabelValues(portal, string(budget)).Inc()
}

func (m deliveryMetrics) collectors() []prometheus.Collector {
	return []prometheus.Collector{m.mails.duration, m.texts.duration, m.webhooks.duration, m.budgets}
}

// newPasswordMetrics show how many passwords are being checked, and how many wait for their turn: past the bound of the
// queue people are told to come back in a second.
func newPasswordMetrics(hasher *secret.Hasher) []prometheus.Collector {
	return []prometheus.Collector{
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "sleutelbos_password_hashes_running", Help: "Passwords being hashed.",
		}, func() float64 { running, _ := hasher.Load(); return float64(running) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "sleutelbos_password_hashes_waiting", Help: "Passwords that wait to be hashed.",
		}, func() float64 { _, waiting := hasher.Load(); return float64(waiting) }),
	}
}

// newWebhookMetric shows how long the event has been waiting that waits longest for a webhook endpoint.
func newWebhookMetric(db *store.DB) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "sleutelbos_webhook_oldest_seconds", Help: "Age of the oldest event that a webhook endpoint has yet to be sent.",
	}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), scrape)
		defer cancel()
		age, err := db.OldestWebhook(ctx)
		if err != nil {
			return math.NaN()
		}
		return age.Seconds()
	})
}

// scrape bounds what is asked of the database for one look at the metrics.
const scrape = 2 * time.Second

// newPoolMetric shows the pool of database connections.
func newPoolMetric(db *store.DB) prometheus.Collector {
	return collectors.NewDBStatsCollector(db.SystemSQL(), "sleutelbos")
}
