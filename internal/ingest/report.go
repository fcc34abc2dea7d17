// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/journeyman-dev/journeyman/internal/store"
)

const (
	// reportAgain is how soon a report is repeated that the store could not take.
	reportAgain = 5 * time.Second
	// reportTimeout bounds one report.
	reportTimeout = 5 * time.Second
)

// reporter tells the store how this pod is: at the start, on every change, and again and again, since reports hold for a while only. So
// the operator, which reads no Secrets, learns that one is missing although nobody sends anything.
type reporter struct {
	server *Server
	pod    string
	log    *slog.Logger
	// said is the newest report that was taken, and to is who took it; nil before the first.
	said *store.Report
	to   store.Reporter
}

// run reports until ctx ends, and then says that the pod leaves.
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

// report says how the pod is, and gives the time until it should be said again.
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
	err := to.Report(ctx, said)
	switch {
	case err == nil:
		r.said, r.to = &said, to
	case errors.Is(err, store.ErrInvalid): // a store of an earlier release: it may be a newer one some day
		r.log.Debug("the store takes no reports", "error", err)
	default:
		r.log.Debug("the store did not take a report", "error", err)
		return reportAgain
	}
	return store.ReportEvery
}

// leave takes the report back, so that what this pod lacked is not held against those that follow. Without an answer it expires.
func (r *reporter) leave(ctx context.Context) {
	if r.said == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, reportTimeout)
	defer cancel()
	if err := r.to.Report(ctx, store.Report{Source: r.said.Source, Pod: r.said.Pod, Leaving: true}); err != nil {
		r.log.Debug("the store did not hear that this pod ends", "error", err)
	}
}
