// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package puller

import (
	"maps"
	"time"

	"github.com/journeyman-dev/journeyman/internal/ingest/batch"
	"github.com/journeyman-dev/journeyman/internal/ingest/pipeline"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// State of reading, as this pod sees it, for /stats, metrics and the report to the store.
type State struct {
	// Reading is set while a reader is open. Waiting is why none is, other than an error; empty otherwise.
	Reading bool   `json:"reading"`
	Waiting string `json:"waiting,omitempty"`
	// Partitions that this pod reads, and Lag: what the source has and is not stored yet; absent if it is unknown.
	Partitions int    `json:"partitions"`
	Lag        *int64 `json:"lag,omitempty"`
	// LagBytes is the size of the files that wait.
	LagBytes *int64 `json:"lagBytes,omitempty"`
	// LastReadTime is when documents were last read, CaughtUpTime when there was last nothing left to read.
	LastReadTime time.Time `json:"lastReadTime,omitzero"`
	CaughtUpTime time.Time `json:"caughtUpTime,omitzero"`
	// Documents that were read, and Missed: those that the source no longer had. LastGap describes the latest of them.
	Documents int64  `json:"documents"`
	Missed    int64  `json:"missed,omitempty"`
	LastGap   string `json:"lastGap,omitempty"`
	// Opened counts the readers since this pod started, Failures the errors by their reason.
	Opened   int64            `json:"opened"`
	Failures map[string]int64 `json:"failures,omitempty"`
	// Problem is why the source cannot be read now; nil if it can.
	Problem *Problem `json:"problem,omitempty"`
}

// Problem is why a source cannot be read.
type Problem struct {
	// Reason is one of package pull, Message says what to do.
	Reason  string `json:"reason"`
	Message string `json:"message"`
	// Since is when it began, without a success in between; LastTime the latest failure.
	Since    time.Time `json:"since"`
	LastTime time.Time `json:"lastTime"`
}

// Report returns the part of the pod's report that is about reading. Texts are shortened.
func (s *State) Report() *store.PullReport {
	r := &store.PullReport{
		Partitions: s.Partitions, Lag: s.Lag, LastReadAt: microseconds(s.LastReadTime), CaughtUpAt: microseconds(s.CaughtUpTime), Gap: batch.Shorten(s.LastGap),
	}
	if p := s.Problem; p != nil {
		r.Reason, r.Message, r.ProblemSince = p.Reason, batch.Shorten(p.Message), microseconds(p.Since)
	}
	return r
}

func microseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// State returns the current state.
func (r *Runner) State() State {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.provesItself()
	s := r.state
	s.Failures = maps.Clone(s.Failures)
	if s.Problem != nil {
		p := *s.Problem
		s.Problem = &p
	}
	if o, ok := r.reader.(pull.Observed); ok {
		p := o.Progress()
		s.Partitions, s.Lag, s.LagBytes, s.CaughtUpTime = p.Partitions, p.Lag, p.LagBytes, p.CaughtUpAt
	}
	return s
}

func (r *Runner) opens(reader pull.Reader) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reader = reader
	r.state.Opened++
	r.state.Reading, r.state.Waiting = true, ""
	r.openedAt = r.o.Now()
}

// proof is how long a reader has to be open until its earlier failure is over, if there is nothing to read. That it opens does not prove that it can
// read: without the permission to fetch, it would be opened again and again, and each failure would be a new one.
const proof = time.Minute

// provesItself ends a problem if a reader has been open for long enough, unless its documents wait for the store. The caller holds the lock.
func (r *Runner) provesItself() {
	if p := r.state.Problem; p != nil && r.state.Reading && p.Reason != pull.StoreUnavailable && p.LastTime.Before(r.openedAt) &&
		r.o.Now().Sub(r.openedAt) >= proof {
		r.recovered()
	}
}

func (r *Runner) closes() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reader = nil
	r.state.Reading, r.state.Partitions, r.state.Lag = false, 0, nil
}

// waits notes why nothing is read although nothing failed.
func (r *Runner) waits(s *pipeline.Snapshot) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state.Waiting, r.state.Problem = s.WhyNotRead(), nil
}

func (r *Runner) ended() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state.Waiting = "the pod ends"
}

// failed notes an error, and logs the first of a series.
func (r *Runner) failed(err error) {
	reason, message := pull.ReasonOf(err)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.provesItself()
	now := r.o.Now()
	if r.state.Failures == nil {
		r.state.Failures = map[string]int64{}
	}
	r.state.Failures[reason]++
	r.state.Waiting = ""
	// A problem of the store does not continue one of the source, or the reverse.
	if p := r.state.Problem; p != nil && (p.Reason == pull.StoreUnavailable) == (reason == pull.StoreUnavailable) {
		if p.Reason != reason {
			r.o.Log.Warn("the source cannot be read", "reason", reason, "error", err)
		}
		p.Reason, p.Message, p.LastTime = reason, message, now
		return
	}
	r.o.Log.Warn("the source cannot be read", "reason", reason, "error", err)
	r.ends()
	p := &Problem{Reason: reason, Message: message, Since: now, LastTime: now}
	if r.recurs = reason == r.former.Reason && now.Sub(r.formerEnd) < proof; r.recurs {
		p.Since = r.former.Since
	}
	r.state.Problem = p
}

// batchRead notes a batch that was read.
func (r *Runner) batchRead(b *pull.Batch) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(b.Candidates) > 0 {
		r.state.LastReadTime = r.o.Now()
		r.state.Documents += int64(len(b.Candidates))
	}
}

// missed notes the gaps of a batch that is stored.
func (r *Runner) missed(gaps []pull.Gap) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, g := range gaps {
		r.state.Missed += g.Count
		r.state.LastGap = g.Message
		r.o.Log.Error("documents are missing", "gap", g.Message)
	}
}

// accepted notes that the store accepted a batch, which ends its problems.
func (r *Runner) accepted() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p := r.state.Problem; p != nil && p.Reason == pull.StoreUnavailable {
		r.recovered()
	}
}

// settled notes that a batch is stored and acknowledged, which ends all problems but one that came back: that another partition can be read does not
// prove that the one with the error can.
func (r *Runner) settled() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.recurs {
		r.recovered()
	}
}

// recovered ends a problem. The caller holds the lock.
func (r *Runner) recovered() {
	if r.state.Problem != nil {
		r.o.Log.Info("the source is read again", "after", r.state.Problem.Reason)
		r.ends()
		r.state.Problem, r.recurs = nil, false
	}
}

// ends remembers the present problem as the former one, if it is one of the source. The caller holds the lock.
func (r *Runner) ends() {
	if p := r.state.Problem; p != nil && p.Reason != pull.StoreUnavailable {
		r.former, r.formerEnd = *p, r.o.Now()
	}
}
