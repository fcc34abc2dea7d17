// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package puller_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// observed is a reader that knows its progress.
type observed struct {
	bad
	progress pull.Progress
}

func (o *observed) Progress() pull.Progress { return o.progress }

func TestMetricsOfAReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPod(t)
		o, reads := &observed{progress: pull.Progress{Partitions: 2}}, 0
		o.read = func(ctx context.Context) (pull.Batch, error) {
			switch reads++; reads {
			case 1:
				return pull.Batch{}, &pull.Error{Reason: pull.Unauthorized, Message: "may not fetch"}
			case 2:
				return pull.Batch{Gaps: []pull.Gap{{Count: 7, Message: "7 documents were removed"}}}, nil
			}
			<-ctx.Done()
			return pull.Batch{}, ctx.Err()
		}
		fails := 0
		p.store.set(func(store.Batch) error {
			if fails++; fails <= 3 {
				return store.ErrFull
			}
			return nil
		})
		require.Zero(t, testutil.CollectAndCount(p.runner), "there is no source yet")
		p.kind = pull.Kind{Name: "observed", Open: func(context.Context, pull.Settings) (pull.Reader, error) { return o, nil }}
		p.run()
		time.Sleep(time.Minute)
		synctest.Wait()
		const want = `
# HELP journeyman_ingest_reader_failures_total Failures to read, acknowledge or store, by the reason that the status of the source shows if they last.
# TYPE journeyman_ingest_reader_failures_total counter
journeyman_ingest_reader_failures_total{reason="StoreUnavailable"} 3
journeyman_ingest_reader_failures_total{reason="Unauthorized"} 1
# HELP journeyman_ingest_reader_missed_total Documents that the source removed before they were read, or that are too large to fetch.
# TYPE journeyman_ingest_reader_missed_total counter
journeyman_ingest_reader_missed_total 7
# HELP journeyman_ingest_reader_partitions Partitions that this pod reads.
# TYPE journeyman_ingest_reader_partitions gauge
journeyman_ingest_reader_partitions 2
`
		require.NoError(t, testutil.CollectAndCompare(p.runner, strings.NewReader(want)), "an unknown lag is not 0")
		lag := int64(0)
		o.progress.Lag = &lag
		require.Equal(t, 1, testutil.CollectAndCount(p.runner, "journeyman_ingest_reader_lag"))
		lag = 5
		require.NoError(t, testutil.CollectAndCompare(p.runner, strings.NewReader(`
# HELP journeyman_ingest_reader_lag Documents that the source has and that are not stored yet, in the partitions of this pod. Missing while it is unknown.
# TYPE journeyman_ingest_reader_lag gauge
journeyman_ingest_reader_lag 5
`), "journeyman_ingest_reader_lag"))
		require.Equal(t, map[string]int64{pull.Unauthorized: 1, pull.StoreUnavailable: 3}, p.runner.State().Failures)
	})
}
