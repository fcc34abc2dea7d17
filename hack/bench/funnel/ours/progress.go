// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ours

import (
	"time"

	"github.com/journeyman-dev/journeyman/hack/bench/funnel/measure"
	"github.com/journeyman-dev/journeyman/hack/bench/funnel/world"
)

// sayEvery is the interval between two lines of progress.
const sayEvery = 20 * time.Second

// progress of filling a folder.
type progress struct {
	bench     *measure.Bench
	what      string
	of, done  int
	began, at time.Time
}

func newProgress(b *measure.Bench, what string, events int, from, to int64) *progress {
	now := time.Now()
	return &progress{bench: b, what: what, of: int(int64(events) * (to - from) / world.End), began: now, at: now}
}

func (p *progress) add(n int) {
	p.done += n
	if time.Since(p.at) < sayEvery {
		return
	}
	p.at = time.Now()
	speed := float64(p.done) / time.Since(p.began).Seconds()
	left := time.Duration(float64(max(0, p.of-p.done)) / speed * float64(time.Second))
	p.bench.Say("    %s: %.1f of about %.1f M events, %.0f a second, about %s left, then the files are merged", p.what, float64(p.done)/1e6,
		float64(p.of)/1e6, speed, left.Round(time.Second))
}
