package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"greendesk/desk"
	"greendesk/knowledge"
)

// serveMetrics answers GET /metrics on an address of its own until ctx ends: it
// is for the machines that watch us, not for the world. It does nothing without
// an address.
func serveMetrics(ctx context.Context, address string, e *knowledge.Engine, d *desk.Desk) error {
	if address == "" {
		return nil
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("设置有误：metrics-listen：%w", err)
	}
	go func() { _ = serve(ctx, l, metricsOf(e, d)) }() // ends with the desk
	return nil
}

// metricsOf serves what the engine counts, whether the desk's calendar reaches
// far enough, and the process's own figures.
func metricsOf(e *knowledge.Engine, d *desk.Desk) http.Handler {
	r := prometheus.NewRegistry()
	r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "greendesk_calendar_missing_year",
		Help: "The year whose holidays are not known and should be by now: deadlines in it are not set. 0: none is missing, -1: the database cannot say."},
		func() float64 { return missingYear(d) }))
	r.MustRegister(append(e.Collectors(), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))...)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(r, promhttp.HandlerOpts{}))
	return mux
}

// scrapeLimit is how long a scrape waits for the database.
const scrapeLimit = 2 * time.Second

func missingYear(d *desk.Desk) float64 {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeLimit)
	defer cancel()
	year, err := d.MissingYear(ctx)
	if err != nil {
		return -1
	}
	return float64(year)
}
