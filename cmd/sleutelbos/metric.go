package main

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/sleutelbos/sleutelbos/internal/outbox"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// mailObserver is told how each try to deliver a mail ended.
type mailObserver = func(outbox.Outcome, time.Duration)

// newMailMetric counts mails by outcome.
func newMailMetric() (prometheus.Collector, mailObserver) {
	duration := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "sleutelbos_mail_duration_seconds", Help: "Tries to deliver a mail, by outcome, and how long they took.",
		Buckets: []float64{.005, .025, .1, .5, 1, 5, 15, 60},
	}, []string{"outcome"})
	for _, outcome := range outbox.Outcomes {
		duration.WithLabelValues(string(outcome)) // at 0 from the beginning
	}
	return duration, func(outcome outbox.Outcome, took time.Duration) {
		duration.WithLabelValues(string(outcome)).Observe(took.Seconds())
	}
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

// newPoolMetric shows the pool of database connections.
func newPoolMetric(db *store.DB) prometheus.Collector {
	return collectors.NewDBStatsCollector(db.SystemSQL(), "sleutelbos")
}
