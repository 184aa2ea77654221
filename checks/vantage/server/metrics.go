package server

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics count what the log tells one by one. They hold no address and no
// port: who reads them learns nothing of who asked.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec // path, outcome: ok, or a refusal's code
	calls    *prometheus.CounterVec // proto, state
	took     prometheus.Histogram
	stun     *prometheus.CounterVec // outcome
	lost     prometheus.Counter
}

func newMetrics(c *crowd) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "netcheck_vantage_requests_total", Help: "Requests, by path and outcome: ok, or why it was refused."}, []string{"path", "outcome"}),
		calls:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "netcheck_vantage_calls_total", Help: "Ports called, by protocol and what became of it."}, []string{"proto", "state"}),
		took:     prometheus.NewHistogram(prometheus.HistogramOpts{Name: "netcheck_vantage_reach_seconds", Help: "Time until who asked to be called back had an answer.", Buckets: []float64{.1, .25, .5, 1, 2, 4, 8}}),
		stun:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "netcheck_vantage_stun_total", Help: "Datagrams to the STUN port, by outcome."}, []string{"outcome"}),
		lost:     prometheus.NewCounter(prometheus.CounterOpts{Name: "netcheck_vantage_connections_refused_total", Help: "Connections for which there was no room, or that had to make some."}),
	}
	open := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "netcheck_vantage_connections", Help: "Connections that are open."}, func() float64 { return float64(c.count()) })
	m.registry.MustRegister(m.requests, m.calls, m.took, m.stun, m.lost, open, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	c.lost = m.lost.Inc
	return m
}

// Metrics is what Prometheus asks. It is meant for a listener of its own, that
// strangers can't reach.
func (s *Server) Metrics() http.Handler {
	return promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2, Timeout: 5 * time.Second})
}

func (m *metrics) request(n *note) {
	outcome := "ok"
	if n.code != "" {
		outcome = n.code
	}
	m.requests.WithLabelValues(n.path, outcome).Inc()
	for _, p := range n.ports {
		m.calls.WithLabelValues(n.request.Proto, string(p.State)).Inc()
	}
	if len(n.ports) > 0 {
		m.took.Observe(time.Since(n.begun).Seconds())
	}
}
