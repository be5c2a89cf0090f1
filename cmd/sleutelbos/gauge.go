package main

import (
	"context"
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sleutelbos/sleutelbos/internal/outbox"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// newGauges show how things stand whenever somebody asks.
func newGauges(p plan, h *house) []prometheus.Collector {
	keys := p.SecretKeys.IDs()
	return append(newPasswordGauges(h.hasher), newPoolGauges(h.db), &backlogGauges{outbox: h.outbox}, newExpiries(p),
		newWebhookGauge(h.db),
		newInfo("sleutelbos_build_info", "Which Sleutelbos this is.", "version", version()),
		newInfo("sleutelbos_sealing_key_info", "The key that seals.", "key", keys[0]),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "sleutelbos_sealing_keys", Help: "Keys in the settings: more than one while keys rotate.",
		}, func() float64 { return float64(len(keys)) }))
}

// newExpiries show when something of a provider runs out, so that somebody replaces it before.
func newExpiries(p plan) prometheus.Collector {
	expiries := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "sleutelbos_provider_expiry_timestamp_seconds", Help: "When a key or document of an identification provider runs out, in seconds since 1970.",
	}, []string{"portal", "provider", "what"})
	for portal, brokers := range p.brokers {
		for provider, broker := range brokers {
			if expiring, is := broker.(interface{ Expiries() map[string]time.Time }); is {
				for what, at := range expiring.Expiries() {
					expiries.WithLabelValues(portal, provider, what).Set(float64(at.Unix()))
				}
			}
		}
	}
	return expiries
}

// newWebhookGauge shows how long the event has been waiting that waits longest for a webhook endpoint.
func newWebhookGauge(db *store.DB) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "sleutelbos_webhook_oldest_seconds", Help: "Age of the oldest event that a webhook endpoint has yet to be sent.",
	}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
		defer cancel()
		age, err := db.OldestWebhook(ctx)
		if err != nil {
			return math.NaN()
		}
		return age.Seconds()
	})
}

// newInfo is a gauge that is 1, and says something in its label.
func newInfo(name, help, label, value string) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: name, Help: help, ConstLabels: prometheus.Labels{label: value},
	}, func() float64 { return 1 })
}

// newPasswordGauges show how many passwords are being checked, and how many wait for their turn: past the bound of the
// queue people are told to come back in a second.
func newPasswordGauges(hasher *secret.Hasher) []prometheus.Collector {
	return []prometheus.Collector{
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "sleutelbos_password_hashes_running", Help: "Passwords being hashed.",
		}, func() float64 { running, _ := hasher.Load(); return float64(running) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "sleutelbos_password_hashes_waiting", Help: "Passwords that wait to be hashed.",
		}, func() float64 { _, waiting := hasher.Load(); return float64(waiting) }),
	}
}

// poolGauges show the pools of database connections.
type poolGauges struct{ db *store.DB }

func newPoolGauges(db *store.DB) prometheus.Collector { return poolGauges{db} }

var (
	poolConnections = prometheus.NewDesc("sleutelbos_database_connections", "Connections to the database that are at work, by pool.", []string{"pool"}, nil)
	poolMost        = prometheus.NewDesc("sleutelbos_database_connections_max", "Connections that a pool may open.", []string{"pool"}, nil)
	poolWait        = prometheus.NewDesc("sleutelbos_database_wait_seconds_total", "Time spent waiting for a connection, by pool.", []string{"pool"}, nil)
)

// Describe lists the metrics.
func (g poolGauges) Describe(to chan<- *prometheus.Desc) {
	to <- poolConnections
	to <- poolMost
	to <- poolWait
}

// Collect reads the pools.
func (g poolGauges) Collect(to chan<- prometheus.Metric) {
	for _, pool := range g.db.Pools() {
		to <- prometheus.MustNewConstMetric(poolConnections, prometheus.GaugeValue, float64(pool.AtWork), pool.Name)
		to <- prometheus.MustNewConstMetric(poolMost, prometheus.GaugeValue, float64(pool.Most), pool.Name)
		to <- prometheus.MustNewConstMetric(poolWait, prometheus.CounterValue, pool.Waited.Seconds(), pool.Name)
	}
}

// backlogGauges show what the outbox has still to do, in all processes together. Each asks the database, and says the same.
type backlogGauges struct{ outbox *outbox.Outbox }

var (
	queuedMessages = prometheus.NewDesc("sleutelbos_messages_queued", "Mails and texts that wait to be delivered.", nil, nil)
	oldestMessage  = prometheus.NewDesc("sleutelbos_messages_oldest_seconds", "Age of the oldest of them; 0 for none.", nil, nil)
	jobsByState    = prometheus.NewDesc("sleutelbos_jobs", "Jobs of the outbox, by state.", []string{"state"}, nil)
)

// scrapeTime is how long the database gets to answer for a reading of metrics.
const scrapeTime = 2 * time.Second

// Describe lists the metrics.
func (g *backlogGauges) Describe(to chan<- *prometheus.Desc) {
	to <- queuedMessages
	to <- oldestMessage
	to <- jobsByState
}

// Collect asks the database. Where it doesn't answer, these metrics are absent and the others are there.
func (g *backlogGauges) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	backlog, err := g.outbox.Backlog(ctx)
	if err != nil {
		return
	}
	to <- prometheus.MustNewConstMetric(queuedMessages, prometheus.GaugeValue, float64(backlog.Messages))
	to <- prometheus.MustNewConstMetric(oldestMessage, prometheus.GaugeValue, backlog.Oldest.Seconds())
	for state, jobs := range backlog.Jobs {
		to <- prometheus.MustNewConstMetric(jobsByState, prometheus.GaugeValue, float64(jobs), state)
	}
}
