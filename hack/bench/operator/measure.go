// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/journeyman-dev/journeyman/internal/controller/flow"
	"github.com/journeyman-dev/journeyman/internal/pki"
)

// sample is a measurement of the operator's process.
type sample struct {
	requests map[string]float64
	cpu      float64
}

// watchQuiet waits until the initial writes are done, and then measures. The counters of all sources change all the time, so the expected writes are
// one status for each source in a minute, or in up to five minutes with many sources.
func (w *world) watchQuiet(ctx context.Context, pid int) error {
	if err := pause(ctx, time.Minute); err != nil {
		return err
	}
	before, err := w.take(ctx)
	if err != nil {
		return err
	}
	var highest, sum, n int64
	for end := time.Now().Add(w.quiet); time.Now().Before(end); n++ {
		rss, err := resident(pid)
		if err != nil {
			return err
		}
		highest, sum = max(highest, rss), sum+rss
		if err := pause(ctx, min(5*time.Second, w.quiet)); err != nil {
			return err
		}
	}
	after, err := w.take(ctx)
	if err != nil {
		return err
	}
	minutes := w.quiet.Minutes()
	fmt.Printf("quiet time %.0f min, counters of all sources advancing\n", minutes)
	fmt.Printf("resident memory: mean %d MiB, highest %d MiB\n", sum/max(n, 1)>>20, highest>>20)
	fmt.Printf("CPU: %.2f s a minute\n", (after.cpu-before.cpu)/minutes)
	for _, method := range []string{"PATCH", "POST", "PUT", "DELETE", "GET"} {
		fmt.Printf("%-6s %8.0f\n", method, after.requests[method]-before.requests[method])
	}
	every := flow.CounterEvery
	if n := time.Duration(w.sources) * flow.CounterSpace; n > every {
		every = min(n, flow.CounterMost)
	}
	fmt.Printf("stated cadence: at most %.0f PATCH (each source once in %s, and the store once a minute)\n",
		float64(w.sources)*(minutes/every.Minutes()+1)+minutes+1, every)
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// scraper accepts the self-signed certificate of the operator.
var scraper = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // loopback

// take reads the operator's metrics, with the scrape key that it derives from the operator key.
func (w *world) take(ctx context.Context) (sample, error) {
	key, err := pki.ReadOperatorKeyFile(w.keyFile)
	if err != nil {
		return sample{}, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+metricsAddress+"/metrics", nil)
	if err != nil {
		return sample{}, err
	}
	request.Header.Set("Authorization", "Bearer "+key.ScrapeKey())
	response, err := scraper.Do(request)
	if err != nil {
		return sample{}, err
	}
	defer func() { _ = response.Body.Close() }() // the body was read completely
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(response.Body)
	if err != nil {
		return sample{}, err
	}
	s := sample{requests: map[string]float64{}}
	for _, m := range families["rest_client_requests_total"].GetMetric() {
		s.requests[label(m, "method")] += m.GetCounter().GetValue()
	}
	for _, m := range families["process_cpu_seconds_total"].GetMetric() {
		s.cpu += m.GetCounter().GetValue()
	}
	return s, nil
}

func label(m *dto.Metric, name string) string {
	for _, l := range m.GetLabel() {
		if l.GetName() == name {
			return l.GetValue()
		}
	}
	return ""
}

// resident returns the resident memory of a process in bytes.
func resident(pid int) (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(b))
	if len(fields) < 2 {
		return 0, fmt.Errorf("/proc/%d/statm has %d fields", pid, len(fields))
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize()), err
}
