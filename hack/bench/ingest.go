// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/load"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
	"github.com/journeyman-dev/journeyman/test/rig"
)

// ingest measures the cost of an acknowledged event, for single events and for batches.
func (b *bench) ingest(ctx context.Context) error {
	fmt.Println(`
Ingestion, one source (web), one ingestion process, one store process. Done for each event: HTTP/1.1 with Basic authentication, JSON
decoded, identities normalised, e-mail and phone hashed by HMAC-SHA-256, properties and traits cleaned; Arrow over TLS to the store; there
duplicates found by key, links of identities taken, one fsync a group of appends before the acknowledgement; later sorted into Parquet
files, which the second column of CPU time includes. The load generator is not counted.`)
	fmt.Fprintln(b.out, "batch\tworkers\tevents\tevents/s\tack p50 ms\tp99 ms\tp99.9 ms\t"+
		"CPU s/M events: ingest\tstore\tstore, sorted\tsum\tgenerator s\trefused\t")
	for _, load := range []struct {
		batch, workers int
		events         int64
	}{{1, 16, b.sizes.single}, {1, 64, b.sizes.single}, {200, 4, b.sizes.batched}} {
		if err := b.load(ctx, load.batch, load.workers, load.events); err != nil {
			return err
		}
	}
	return b.out.Flush()
}

func (b *bench) load(ctx context.Context, batch, workers int, events int64) (err error) {
	name := fmt.Sprintf("ingest-%d-%d", batch, workers)
	r, err := b.fresh(ctx, name, "--compact-every", "1s")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close(), os.RemoveAll(r.Dir())) }()
	var web *rig.Process
	for i := range r.Samples.Sources {
		if source := &r.Samples.Sources[i]; world.Source(source.Name) == world.Web {
			if _, err := r.StartIngest(ctx, source); err != nil {
				return err
			}
			web = r.Ingest[world.Web][0]
		}
	}
	w, err := bigWorld(events)
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: workers}}
	result, err := load.Run(ctx, load.Options{
		Endpoint: r.Endpoints[world.Web], World: w, Batch: batch, Workers: workers, Events: events, Client: client,
	})
	if err != nil {
		return err
	}
	ingestCPU, err := web.CPU()
	if err != nil {
		return err
	}
	storeCPU, err := r.Store.CPU()
	if err != nil {
		return err
	}
	if err := settle(ctx, r); err != nil {
		return err
	}
	sortedCPU, err := r.Store.CPU()
	if err != nil {
		return err
	}
	million := float64(result.Acknowledged) / 1e6
	per := func(d time.Duration) float64 { return d.Seconds() / million }
	var refused int64
	for _, n := range result.Refused {
		refused += n
	}
	fmt.Fprintf(b.out, "%d\t%d\t%d\t%.0f\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\t%d\t\n", batch, workers, result.Acknowledged, result.Rate,
		result.P50, result.P99, result.P999, per(ingestCPU), per(storeCPU), per(sortedCPU), per(ingestCPU+sortedCPU), result.OwnCPU, refused+result.Errors)
	return nil
}

// bigWorld returns a world with more events than requested. A person has about sixteen events, most of them on the web site.
func bigWorld(events int64) (*world.World, error) {
	p := world.Defaults(time.Now())
	p.Persons = int(events/10) + 100
	p.Clean = true
	return world.New(p)
}
