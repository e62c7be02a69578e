package knowledge

import "github.com/prometheus/client_golang/prometheus"

// searchMetrics count how candidates are found. They work before anybody
// registers them.
type searchMetrics struct {
	took     *prometheus.HistogramVec
	degraded *prometheus.CounterVec
	near     *prometheus.CounterVec
	behind   prometheus.Gauge
}

// The places where candidates come from.
const (
	fromServer   = "server"
	fromEmbedded = "embedded"
)

func newSearchMetrics() *searchMetrics {
	return &searchMetrics{
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "greendesk_search_seconds",
			Help: "Time to find the candidates of one question, by where they came from.", Buckets: prometheus.ExponentialBuckets(0.0002, 2.5, 12)}, []string{"from"}),
		degraded: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "greendesk_search_degraded_total",
			Help: "Searches that the embedded index answered although there is a search server, by reason."}, []string{"reason"}),
		near: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "greendesk_search_by_meaning_total",
			Help: "Searches for the clauses nearest to a question's vector beside a search server that has vectors, by where they were found."}, []string{"from"}),
		behind: prometheus.NewGauge(prometheus.GaugeOpts{Name: "greendesk_index_behind",
			Help: "Changes of the knowledge base that the search server does not know yet."}),
	}
}

// Collectors are the engine's metrics, for a registry.
func (e *Engine) Collectors() []prometheus.Collector {
	return []prometheus.Collector{e.metrics.took, e.metrics.degraded, e.metrics.near, e.metrics.behind, meaningMetrics{e},
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "greendesk_clauses", Help: "Clauses that can be found."},
			func() float64 { return float64(e.Clauses()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "greendesk_own_weights",
			Help: "The number of the bureau's own weights that are used. 0: the program's are, -1: they are because the chosen ones do not fit this program."},
			func() float64 { return e.Weights().gauge() }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "greendesk_index_tasks_failed_total", Help: "Tasks that the search server took and did not do."},
			func() float64 {
				if e.remote == nil {
					return 0
				}
				return float64(e.remote.server.FailedTasks())
			}),
	}
}

// meaningMetrics collects the MeaningStats of an engine.
type meaningMetrics struct{ engine *Engine }

// Describe implements prometheus.Collector; what there is depends on nothing.
func (c meaningMetrics) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, to) }

// Collect implements prometheus.Collector.
func (c meaningMetrics) Collect(to chan<- prometheus.Metric) {
	s := c.engine.MeaningStats()
	questions := prometheus.NewDesc("greendesk_meaning_questions_total", "Questions to the server of embeddings, by what came of them: used, slow, failed, or skipped after failures.", []string{"outcome"}, nil)
	for outcome, n := range map[string]int64{"used": s.Used, "slow": s.Slow, "failed": s.Failed, "skipped": s.Skipped} {
		to <- prometheus.MustNewConstMetric(questions, prometheus.CounterValue, float64(n), outcome)
	}
	vectors := prometheus.NewDesc("greendesk_vectors", "Texts with a vector (ready), without one yet (missing), and those that the server will not have (refused).", []string{"state"}, nil)
	for state, n := range map[string]int{"ready": s.Vectors, "missing": s.Missing, "refused": s.Refused} {
		to <- prometheus.MustNewConstMetric(vectors, prometheus.GaugeValue, float64(n), state)
	}
}
