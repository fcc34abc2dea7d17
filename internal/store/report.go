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
	// ReportTTL is how long a report is valid. A pod that disappears without notice is forgotten after it.
	ReportTTL = 100 * time.Second
	// ReportEvery is the interval of reports. Two of them can be lost.
	ReportEvery = 30 * time.Second
	// MaxReports is the number of pods that a store tracks; further ones are refused.
	MaxReports = 4096
	// maxMissing is the number of Secrets in a report (a pod has seven), maxReportText the length of a text in bytes.
	maxMissing    = 8
	maxReportText = 512
)

// Report is the status that an ingestion pod reports, whether or not it receives events. It is not data: it is kept in memory, does not change seq,
// and is valid for ReportTTL.
type Report struct {
	// Source and Pod of the report.
	Source string `json:"source"`
	Pod    string `json:"pod"`
	// Generation of the source whose spec the pod uses. Suspended is set if the pod refuses all requests because of that spec.
	Generation int64 `json:"generation,omitempty"`
	Suspended  bool  `json:"suspended,omitempty"`
	// Missing Secrets, without which the pod refuses requests; empty if there are none.
	Missing []MissingSecret `json:"missing,omitempty"`
	// Pull is the state of a source that fetches its documents; nil for one that receives them.
	Pull *PullReport `json:"pull,omitempty"`
	// Leaving is set if the pod terminates. It is forgotten at once.
	Leaving bool `json:"leaving,omitempty"`
}

// PullReport is how far a pod has read. Times are in microseconds, 0 for never.
type PullReport struct {
	// Partitions that the pod reads, and Lag: the number of documents that the source has and that are not stored yet; nil if it is unknown.
	Partitions int    `json:"partitions,omitempty"`
	Lag        *int64 `json:"lag,omitempty"`
	// LastReadAt is when documents were last read, CaughtUpAt when there was last nothing left to read.
	LastReadAt int64 `json:"lastReadAt,omitempty"`
	CaughtUpAt int64 `json:"caughtUpAt,omitempty"`
	// Reason and Message say why the source cannot be read, since ProblemSince; empty if it can be read.
	Reason       string `json:"reason,omitempty"`
	Message      string `json:"message,omitempty"`
	ProblemSince int64  `json:"problemSince,omitempty"`
	// Gap describes the latest documents that the source removed before they were read; empty if there are none.
	Gap string `json:"gap,omitempty"`
}

// Purposes of a Secret.
const (
	// SecretForSenders authenticates senders.
	SecretForSenders = "senders"
	// SecretForHandshake is the token with which a sender tests the endpoint. Without it only that test fails.
	SecretForHandshake = "handshake"
	// SecretForHashing is the pepper.
	SecretForHashing = "hashing"
	// SecretForTLS is the certificate for senders.
	SecretForTLS = "tls"
	// SecretForReading is what a source needs to fetch its documents: credentials and certificates, in a Secret or a ConfigMap.
	SecretForReading = "reading"
)

// MissingSecret is a Secret that a pod needs and cannot use.
type MissingSecret struct {
	// For is SecretForSenders, SecretForHandshake, SecretForHashing, SecretForTLS or SecretForReading.
	For string `json:"for"`
	// Name of the Secret, and the Key in it.
	Name string `json:"name"`
	Key  string `json:"key"`
	// Problem in words. It contains nothing of the Secret.
	Problem string `json:"problem"`
}

// Reporter accepts reports of pods.
type Reporter interface {
	// Report replaces the previous report of the pod. Errors: ErrUnavailable, ErrInvalid, ErrUnauthorized.
	Report(ctx context.Context, r Report) error
}

// Check returns an error that wraps ErrInvalid if the report is invalid.
func (r *Report) Check() error {
	texts := []string{r.Source, r.Pod}
	for _, m := range r.Missing {
		texts = append(texts, m.For, m.Name, m.Key, m.Problem)
	}
	if r.Pull != nil {
		texts = append(texts, r.Pull.Reason, r.Pull.Message, r.Pull.Gap)
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

// Board keeps the latest valid report of each pod. It is safe for concurrent use.
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

// NewBoard returns an empty board that uses a clock.
func NewBoard(now func() time.Time) *Board { return &Board{now: now, m: map[reporterKey]posted{}} }

// Report implements Reporter. If the board is full, it returns ErrUnavailable.
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

// List returns the valid reports, in the order of sources and pods.
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

// expire drops expired reports. The caller holds the lock.
func (b *Board) expire() {
	before := b.now().Add(-ReportTTL)
	for k, p := range b.m {
		if !p.at.After(before) {
			delete(b.m, k)
		}
	}
}
