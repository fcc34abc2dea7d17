// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/simulator/load"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
	"github.com/journeyman-dev/journeyman/test/rig"
)

const (
	// flushEvery is how often the store flushes its log. The default, 5 minutes, would only make the wait for the last flush longer.
	flushEvery = 30 * time.Second
	// share of the largest rate at which the time of an acknowledgement is measured, and for how long.
	share       = 0.7
	shareLasts  = 20 * time.Second
	ingestTable = "source\tevents\tbytes an event\tconnections\tevents/s\tCPU s/M events: ingest\tstore\tsum\tack p99 ms\tat 70 %: events/s\tack p50 ms\t" +
		"p99\tp99.9\tpeak MiB: ingest\tstore\tgenerator s/M\trefused\t"
)

// ingest measures the cost of an acknowledged event for each kind of source.
func (b *bench) ingest(ctx context.Context) error {
	fmt.Printf(`
Ingestion: one source, one ingestion process, one store process, on the CPUs that the load generator or the broker uses, too. HTTP/1.1 without TLS to
ingestion, Arrow over TLS from there to the store, which finds events that it knows, applies links of identities, and syncs its log once for a group of
appends before it acknowledges. CPU time is that of both processes, of the user and the kernel, until the log is flushed (every %s) and
merges of files have ended. It does not include the load generator and the broker. E-mail addresses and phone numbers are hashed by HMAC-SHA-256.
`, flushEvery)
	fmt.Fprintln(b.out, ingestTable)
	for _, c := range httpCases(&b.sizes) {
		if !b.chosen(c.name) {
			continue
		}
		if err := b.overHTTP(ctx, &c); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	for _, c := range []struct {
		name string
		run  func(context.Context) error
	}{{kafkaCase, b.fromKafka}, {previewCase, b.preview}} {
		if !b.chosen(c.name) {
			continue
		}
		if err := c.run(ctx); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return b.out.Flush()
}

// chosen reports whether the flag names the case, or none.
func (b *bench) chosen(name string) bool { return b.cases == "" || strings.Contains(name, b.cases) }

// measured is a line of the table.
type measured struct {
	name               string
	events, refused    int64
	bytes, connections int64
	rate               float64
	ingest, store      time.Duration
	generator          float64
	p99                float64
	at70               *load.Result
	memory             [2]int64
}

func (b *bench) print(m *measured) {
	million := float64(m.events) / 1e6
	at := func(f func(*load.Result) float64) string {
		if m.at70 == nil {
			return "-"
		}
		return fmt.Sprintf("%.1f", f(m.at70))
	}
	p99 := "-"
	if m.p99 > 0 {
		p99 = fmt.Sprintf("%.1f", m.p99)
	}
	fmt.Fprintf(b.out, "%s\t%d\t%d\t%d\t%.0f\t%.1f\t%.1f\t%.1f\t%s\t%s\t%s\t%s\t%s\t%d\t%d\t%.1f\t%d\t\n", m.name, m.events, m.bytes/max(m.events, 1),
		m.connections, m.rate, m.ingest.Seconds()/million, m.store.Seconds()/million, (m.ingest+m.store).Seconds()/million, p99,
		at(func(r *load.Result) float64 { return r.Rate }), at(func(r *load.Result) float64 { return r.P50 }),
		at(func(r *load.Result) float64 { return r.P99 }), at(func(r *load.Result) float64 { return r.P999 }),
		m.memory[0]>>20, m.memory[1]>>20, m.generator/million, m.refused)
}

// site returns a source like the web site's with another transport. Its Secret stays the site's.
func site(r *rig.Rig, transport v1alpha1.Transport, mapping []v1alpha1.MappingRule) (*v1alpha1.TouchpointSource, error) {
	for i := range r.Samples.Sources {
		if s := r.Samples.Sources[i].DeepCopy(); world.Source(s.Name) == world.Web {
			if transport != (v1alpha1.Transport{}) {
				s.Spec.Transport, s.Spec.Mapping = transport, mapping
			}
			return s, nil
		}
	}
	return nil, errors.New("the samples have no source of the site")
}

// overHTTP sends as fast as the senders get answers, waits until the store is idle, and then sends at a share of that rate.
func (b *bench) overHTTP(ctx context.Context, c *httpCase) (err error) {
	r, err := b.fresh(ctx, "ingest", "--compact-every", flushEvery.String())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close(), os.RemoveAll(r.Dir())) }()
	source, err := site(r, c.transport, c.mapping)
	if err != nil {
		return err
	}
	endpoint, err := r.StartIngest(ctx, source)
	if err != nil {
		return err
	}
	w, err := bigWorld(2 * c.events)
	if err != nil {
		return err
	}
	options := load.Options{
		URL: endpoint.URL, Encode: c.encode(endpoint.Secret), World: w, Batch: c.batch, Workers: c.workers, Events: c.events,
		Client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: c.workers}},
	}
	full, err := load.Run(ctx, options)
	if err != nil {
		return err
	}
	m := measured{
		name: c.name, events: full.Acknowledged, refused: full.Errors, bytes: full.Bytes, connections: int64(c.workers), rate: full.Rate,
		generator: full.OwnCPU, p99: full.P99,
	}
	for _, n := range full.Refused {
		m.refused += n
	}
	// A success can be the answer to a request whose events are refused.
	if err := stored(ctx, r, m.events); err != nil {
		return err
	}
	if err := b.used(ctx, r, &m); err != nil {
		return err
	}
	options.Rate, options.Duration = int(full.Rate*share), shareLasts
	options.Events = int64(float64(options.Rate) * shareLasts.Seconds())
	if options.World, err = bigWorld(2 * options.Events); err != nil {
		return err
	}
	at70, err := load.Run(ctx, options)
	m.at70 = &at70
	b.print(&m)
	return err
}

// used waits until the store is idle, and reads what both processes used.
func (b *bench) used(ctx context.Context, r *rig.Rig, m *measured) (err error) {
	if err := settle(ctx, r); err != nil {
		return err
	}
	ingestion := r.Ingest[world.Web][0]
	if m.store, err = idle(ctx, r.Store); err != nil {
		return err
	}
	if m.ingest, err = ingestion.CPU(); err != nil {
		return err
	}
	if m.memory[0], err = ingestion.PeakMemory(); err != nil {
		return err
	}
	m.memory[1], err = r.Store.PeakMemory()
	return err
}

// idle waits until a process uses less than 2 % of a CPU, as after the last merge, and returns its CPU time.
func idle(ctx context.Context, p *rig.Process) (time.Duration, error) {
	before, err := p.CPU()
	for err == nil {
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(2 * time.Second):
		}
		var now time.Duration
		if now, err = p.CPU(); now-before <= 40*time.Millisecond {
			return now, err
		}
		before = now
	}
	return 0, err
}

// bigWorld returns a world with more events than requested. A person has about sixteen events, most of them on the web site.
func bigWorld(events int64) (*world.World, error) {
	p := world.Defaults(time.Now())
	p.Persons = int(events/10) + 100
	p.Clean = true
	return world.New(p)
}
