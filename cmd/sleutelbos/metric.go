package main

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/sleutelbos/sleutelbos/internal/outbox"
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

// newPoolMetric shows the pool of database connections.
func newPoolMetric(db *store.DB) prometheus.Collector {
	return collectors.NewDBStatsCollector(db.SystemSQL(), "sleutelbos")
}
