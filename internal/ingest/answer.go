// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"encoding/json"
	"maps"
	"net/http"
	"time"

	"github.com/journeyman-dev/journeyman/internal/ingest/pipeline"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

// answer writes the response of a request, once, and remembers its status.
type answer struct {
	w      http.ResponseWriter
	status int
	// after is how long a sender should wait after a refusal, if that is longer than usual.
	after time.Duration
	// before is called before the response is written; it can be nil.
	before func()
	// protocol returns the response that the protocol of the transport defines; it can be nil.
	protocol func(*transport.Result) *transport.Reply
	// refusedStatus replaces the status of a request with documents that will never be accepted, if it is not 0.
	refusedStatus int
}

func (a *answer) write(status int, d transport.Result) {
	if a.refusedStatus != 0 && refusesForGood(status) {
		status = a.refusedStatus
	}
	d.Status = status
	if a.protocol != nil {
		if r := a.protocol(&d); r != nil {
			a.reply(r.NoBetterThan(status))
			return
		}
	}
	body, err := json.Marshal(d)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"success":false}`)
	}
	a.release()
	h := a.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Content-Type-Options", "nosniff")
	a.status = status
	a.w.WriteHeader(status)
	// The sender may have disconnected.
	_, _ = a.w.Write(body)
}

// refusesForGood reports whether a request gets the status for what is in it, and not because of its sender or the moment.
func refusesForGood(status int) bool {
	return status == http.StatusBadRequest || status == http.StatusRequestEntityTooLarge || status == http.StatusUnsupportedMediaType
}

// release gives back the memory of the request: the last write waits for the sender.
func (a *answer) release() {
	if a.before != nil {
		a.before()
	}
}

// outcome responds with the result of each document. If one was stored, or dropped by a rule, the request
// succeeds as a whole, because sending it again would only repeat the refusals.
func (a *answer) outcome(s *pipeline.Snapshot, o *pipeline.Outcome) {
	d := transport.Result{Success: true, Accepted: len(o.Events), Dropped: o.Counters.Dropped, Rejected: o.Rejected, RejectedCount: o.Refused}
	if o.Refused > int64(len(o.Rejected)) {
		d.Reasons = make(map[string]int64, len(o.Counters.Rejected))
		for reason, r := range o.Counters.Rejected {
			d.Reasons[reason] = r.Count
		}
	}
	if len(o.Rejected) == 0 || len(o.Events) > 0 || o.Counters.Dropped > 0 {
		a.write(s.Transport.Accepted(), d)
		return
	}
	first := o.Rejected[0]
	d.Success, d.Error, d.Reason, d.Field = false, first.Message, first.Reason, first.Field
	a.write(first.Status(), d)
}

// refused responds to a request that was refused as a whole.
func (a *answer) refused(r *reject.Rejection) {
	status := r.Status()
	h := a.w.Header()
	if after := max(retryAfter(r.Reason), a.after); after > 0 {
		h.Set("Retry-After", seconds(after))
	}
	if status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="journeyman"`)
	}
	if status == http.StatusRequestEntityTooLarge || r.Reason == reject.UnsupportedMediaType {
		// The rest of the body is not read.
		h.Set("Connection", "close")
	}
	a.write(status, transport.Result{Error: r.Message, Reason: r.Reason, Field: r.Field})
}

// failure responds to a request that was not stored although it was valid, or could not be evaluated.
func (a *answer) failure(status int, message string, after time.Duration) {
	if after > 0 {
		a.w.Header().Set("Retry-After", seconds(after))
	}
	a.write(status, transport.Result{Error: message})
}

// reply responds to a request without events.
func (a *answer) reply(r *transport.Reply) {
	a.release()
	maps.Copy(a.w.Header(), r.Header)
	a.status = r.Status
	a.w.WriteHeader(r.Status)
	_, _ = a.w.Write(r.Body)
}
