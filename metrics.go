package main

import (
	"context"
	"fmt"
	"net"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"greendesk/knowledge"
)

// serveMetrics answers GET /metrics on an address of its own until ctx ends: it
// is for the machines that watch us, not for the world. It does nothing without
// an address.
func serveMetrics(ctx context.Context, address string, e *knowledge.Engine) error {
	if address == "" {
		return nil
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("设置有误：metrics-listen：%w", err)
	}
	go func() { _ = serve(ctx, l, metricsOf(e)) }() // ends with the desk
	return nil
}

// metricsOf serves what the engine counts, and the process's own figures.
func metricsOf(e *knowledge.Engine) http.Handler {
	r := prometheus.NewRegistry()
	r.MustRegister(append(e.Collectors(), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))...)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(r, promhttp.HandlerOpts{}))
	return mux
}
