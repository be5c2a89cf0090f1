package server

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// metrics are the process's, in a registry of their own. Labels are portals and routes, which are few, and never anything
// that a request says.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	inFlight prometheus.Gauge
}

func newMetrics(others []prometheus.Collector) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sleutelbos_requests_total", Help: "Requests answered, by portal, route and outcome.",
		}, []string{"portal", "route", "outcome"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "sleutelbos_request_duration_seconds", Help: "Time to answer, by portal and route.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"portal", "route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "sleutelbos_requests_in_flight", Help: "Requests being answered.",
		}),
	}
	m.registry.MustRegister(m.requests, m.duration, m.inFlight,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry.MustRegister(others...)
	return m
}

// outcome is how a request ended.
type outcome int

const (
	answered outcome = iota
	refused
	limited
	broken
	outcomes // how many there are
)

// String names the outcome in metrics.
func (o outcome) String() string {
	return [outcomes]string{"answered", "refused", "limited", "fault"}[o]
}

func (v *visit) outcome() outcome {
	switch {
	case v.faulted, v.status == 0, v.status >= http.StatusInternalServerError: // 0: the answer was broken off
		return broken
	case v.status == http.StatusTooManyRequests:
		return limited
	case v.status >= http.StatusBadRequest:
		return refused
	}
	return answered
}

// counts are a portal's metrics, looked up once.
type counts struct {
	requests [routes][outcomes]prometheus.Counter
	duration [routes]prometheus.Observer
}

// of makes the metrics of one portal; "" is for requests to none.
func (m *metrics) of(portal string) (c counts) {
	for r := range routes {
		c.duration[r] = m.duration.WithLabelValues(portal, r.String())
		for o := range outcomes {
			c.requests[r][o] = m.requests.WithLabelValues(portal, r.String(), o.String())
		}
	}
	return c
}

func (c *counts) count(r route, o outcome, duration time.Duration) {
	c.requests[r][o].Inc()
	c.duration[r].Observe(duration.Seconds())
}
