// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// position is what is read next.
type position struct {
	// List is a hash of what the position belongs to: the URL, and where to start. With another one, everything is read from the start.
	List string `json:"l"`
	// Watermark is the time in microseconds up to which records were read; 0 if none were.
	Watermark int64 `json:"w,omitempty"`
	// Cursor is the last one of the polls before, if it is saved.
	Cursor string `json:"c,omitempty"`
	// Poll is the poll in progress; nil between polls.
	Poll *poll `json:"p,omitempty"`
}

// poll is one pass over the pages.
type poll struct {
	// Request is a hash of what the pages belong to. With another one, the poll begins again.
	Request string `json:"r"`
	// Until is the end of its time, Began its beginning by the clock of the server, and Newest the latest time of its records, in microseconds.
	Until  int64 `json:"u,omitempty"`
	Began  int64 `json:"b,omitempty"`
	Newest int64 `json:"n,omitempty"`
	// Next is the cursor, number, offset or link of the next page; empty for the first one. Pages is the number of pages before it.
	Next  string `json:"x,omitempty"`
	Pages int    `json:"k,omitempty"`
}

// encode returns a position of the store.
func (p position) encode() []byte {
	raw, err := json.Marshal(p)
	if err != nil {
		panic(err) // It has only texts and numbers.
	}
	return raw
}

// fits reports whether the store can keep the position.
func (p position) fits() bool { return len(p.encode()) <= store.MaxPositionBytes }

// restore returns where a stored position leads with the settings as they are now.
func (r *reader) restore(raw []byte) position {
	var p position
	if json.Unmarshal(raw, &p) != nil || p.List != r.list() {
		return position{List: r.list(), Watermark: r.start()}
	}
	if p.Poll != nil && p.Poll.Request != r.request() {
		p.Poll = nil
	}
	if !r.savesCursor() {
		p.Cursor = ""
	}
	return p
}

func (r *reader) list() string { return hash(r.spec.URL, r.start()) }

func (r *reader) request() string {
	return hash(r.spec.Query, r.spec.Body, r.spec.Pagination, r.spec.Incremental, r.spec.Format)
}

// hash of settings, long enough to tell two settings of one source apart.
func hash(settings ...any) string {
	raw, err := json.Marshal(settings)
	if err != nil {
		panic(err) // They come from JSON.
	}
	sum := sha256.Sum256(raw)
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

func (r *reader) timed() *v1alpha1.RESTTime {
	if i := r.spec.Incremental; i != nil {
		return i.Time
	}
	return nil
}

func (r *reader) savesCursor() bool {
	return r.spec.Incremental != nil && r.spec.Incremental.SavedCursor != nil
}

// start is the time at which the records begin, in microseconds; 0 for all.
func (r *reader) start() int64 {
	var at *metav1.Time
	switch {
	case r.timed() != nil:
		at = r.timed().Start
	case r.savesCursor():
		at = r.spec.Incremental.SavedCursor.Start
	}
	if at == nil {
		return 0
	}
	return at.UnixMicro()
}

// begin begins a poll.
func (r *reader) begin() {
	p := &poll{Request: r.request()}
	if t := r.timed(); t != nil {
		p.Until = r.Now().UnixMicro()
		if w := t.Window.Or(0); w > 0 {
			p.Until = min(p.Until, r.at.Watermark+w.Microseconds())
		}
	}
	r.at.Poll, r.resumed = p, false
	r.seen = seen{}
}

// finished returns the position after the last page of a poll, and whether there are later windows.
func (r *reader) finished(p position) (after position, more bool) {
	t, ended := r.timed(), p.Poll
	p.Poll = nil
	switch {
	case t == nil:
	case t.Window != "" && ended.Until < ended.Began:
		p.Watermark, more = max(p.Watermark, ended.Until), true
	case t.Field != "":
		// A record of the future must not hide those that come before it.
		p.Watermark = max(p.Watermark, min(ended.Newest, ended.Began))
	default:
		p.Watermark = max(p.Watermark, ended.Began)
	}
	return p, more
}
