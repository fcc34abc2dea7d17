// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"context"
	"log/slog"
	"time"

	"github.com/journeyman-dev/journeyman/internal/ingest/puller"
	"github.com/journeyman-dev/journeyman/internal/store"
)

const (
	// reportAgain is how soon a failed report is repeated.
	reportAgain = 5 * time.Second
	// firstReports is how many reports in a row follow each other so soon while a pod has not begun to read: the operator does not call a new source
	// available before that.
	firstReports = 12
	// reportTimeout bounds one report.
	reportTimeout = 5 * time.Second
)

// reporter reports the state of this pod to the store: at the start, on every change, and periodically, because reports expire. The operator, which
// reads no Secrets, thus detects a missing one even if nobody sends anything.
type reporter struct {
	server *Server
	puller *puller.Runner
	pod    string
	log    *slog.Logger
	// said is the latest report that was accepted, and to is the store that accepted it; nil before the first.
	said *store.Report
	to   store.Reporter
	// early is the number of reports in a row of a pod that has not begun to read.
	early int
}

// run reports until ctx ends, and then withdraws the report.
func (r *reporter) run(ctx context.Context) {
	for {
		timer := time.NewTimer(r.report(ctx))
		select {
		case <-ctx.Done():
			timer.Stop()
			r.leave(context.WithoutCancel(ctx))
			return
		case <-r.server.changed:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// report sends a report, and returns the time until the next one.
func (r *reporter) report(ctx context.Context) time.Duration {
	snapshot := r.server.Current()
	if snapshot == nil {
		return store.ReportEvery
	}
	to, takes := snapshot.Appender.(store.Reporter)
	if !takes {
		return store.ReportEvery
	}
	ctx, cancel := context.WithTimeout(ctx, reportTimeout)
	defer cancel()
	said := store.Report{
		Source: snapshot.Config.Name, Pod: r.pod, Generation: snapshot.Config.Generation, Suspended: snapshot.Suspended(), Missing: snapshot.Missing,
	}
	if snapshot.Pulls() {
		state := r.puller.State()
		said.Pull = state.Report()
	}
	err := to.Report(ctx, said)
	if err != nil {
		r.log.Debug("the store did not accept a report", "error", err)
		return reportAgain
	}
	r.said, r.to = &said, to
	return r.pause(said.Pull)
}

// pause returns the time until the next report. A pod that has nothing to read, because others read it all, stays quiet after the first ones.
func (r *reporter) pause(p *store.PullReport) time.Duration {
	if p == nil || p.Partitions > 0 || p.Reason != "" {
		r.early = 0
		return store.ReportEvery
	}
	if r.early == firstReports {
		return store.ReportEvery
	}
	r.early++
	return reportAgain
}

// leave withdraws the report, so that problems of this pod do not count for its successors. If the store does not answer, the report expires.
func (r *reporter) leave(ctx context.Context) {
	if r.said == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, reportTimeout)
	defer cancel()
	if err := r.to.Report(ctx, store.Report{Source: r.said.Source, Pod: r.said.Pod, Leaving: true}); err != nil {
		r.log.Debug("the store did not learn that this pod ends", "error", err)
	}
}
