// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

const (
	// ReportTTL is how long a report holds. A pod that is gone without a word is forgotten after it.
	ReportTTL = 100 * time.Second
	// ReportEvery is how often a pod reports: it may fail to be heard twice.
	ReportEvery = 30 * time.Second
	// MaxReports is the number of pods that a store remembers; further ones are refused.
	MaxReports = 4096
	// maxMissing is the number of Secrets in a report, of which a pod has three; maxReportText the bytes of a text in it.
	maxMissing    = 4
	maxReportText = 512
)

// Report is what an ingestion pod says of itself, whether or not anybody sends it anything. It is no data: it is kept in memory, changes
// no seq, and holds for ReportTTL.
type Report struct {
	// Source and Pod that reports.
	Source string `json:"source"`
	Pod    string `json:"pod"`
	// Generation of the source whose spec the pod uses. Suspended says that the pod refuses all requests because that spec says so.
	Generation int64 `json:"generation,omitempty"`
	Suspended  bool  `json:"suspended,omitempty"`
	// Missing Secrets, without which the pod refuses requests; empty when all are there.
	Missing []MissingSecret `json:"missing,omitempty"`
	// Leaving says that the pod ends: it is forgotten at once.
	Leaving bool `json:"leaving,omitempty"`
}

// What a pod needs a Secret for.
const (
	// SecretForSenders verifies those who send.
	SecretForSenders = "senders"
	// SecretForHashing is the pepper.
	SecretForHashing = "hashing"
	// SecretForTLS is the certificate that senders see.
	SecretForTLS = "tls"
)

// MissingSecret is a Secret that a pod needs and cannot use.
type MissingSecret struct {
	// For is SecretForSenders, SecretForHashing or SecretForTLS.
	For string `json:"for"`
	// Name of the Secret, and the Key in it.
	Name string `json:"name"`
	Key  string `json:"key"`
	// Problem in words, for people. It shows nothing of the Secret's content.
	Problem string `json:"problem"`
}

// Reporter accepts reports of pods.
type Reporter interface {
	// Report replaces what the pod said before. Errors: ErrUnavailable, ErrInvalid, ErrUnauthorized.
	Report(ctx context.Context, r Report) error
}

// Check says what is wrong with the report; the error wraps ErrInvalid.
func (r *Report) Check() error {
	texts := []string{r.Source, r.Pod}
	for _, m := range r.Missing {
		texts = append(texts, m.For, m.Name, m.Key, m.Problem)
	}
	for _, t := range texts {
		if len(t) > maxReportText {
			return fmt.Errorf("%w: a text of the report has %d bytes, over %d", ErrInvalid, len(t), maxReportText)
		}
	}
	switch {
	case r.Source == "" || r.Pod == "":
		return fmt.Errorf("%w: a report needs a source and a pod", ErrInvalid)
	case len(r.Missing) > maxMissing:
		return fmt.Errorf("%w: a report names %d Secrets, over %d", ErrInvalid, len(r.Missing), maxMissing)
	}
	return nil
}

// Board keeps the newest report of each pod while it holds. It is safe for concurrent use.
type Board struct {
	now func() time.Time
	mu  sync.Mutex
	m   map[reporterKey]posted
}

type reporterKey struct{ source, pod string }

type posted struct {
	Report
	at time.Time
}

// NewBoard returns an empty board with a clock.
func NewBoard(now func() time.Time) *Board { return &Board{now: now, m: map[reporterKey]posted{}} }

// Report implements Reporter. A full board is ErrUnavailable.
func (b *Board) Report(_ context.Context, r Report) error {
	if err := r.Check(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	k := reporterKey{r.Source, r.Pod}
	if r.Leaving {
		delete(b.m, k)
		return nil
	}
	if _, known := b.m[k]; !known && len(b.m) >= MaxReports {
		if b.expire(); len(b.m) >= MaxReports {
			return fmt.Errorf("%w: %d pods have reported already", ErrUnavailable, len(b.m))
		}
	}
	b.m[k] = posted{Report: r, at: b.now()}
	return nil
}

// List returns the reports that hold, in the order of sources and pods.
func (b *Board) List() []Report {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expire()
	var out []Report
	for _, p := range b.m {
		out = append(out, p.Report)
	}
	slices.SortFunc(out, func(x, y Report) int { return cmp.Or(cmp.Compare(x.Source, y.Source), cmp.Compare(x.Pod, y.Pod)) })
	return out
}

// expire forgets what holds no more. The caller holds the lock.
func (b *Board) expire() {
	before := b.now().Add(-ReportTTL)
	for k, p := range b.m {
		if !p.at.After(before) {
			delete(b.m, k)
		}
	}
}
