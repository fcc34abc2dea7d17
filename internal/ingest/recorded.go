// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest/pipeline"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Message returns a request for a document in the form of the source's transport: a message or a batch of Segment, or a CloudEvent. It returns nil
// for any other document.
func (o *Offline) Message(document map[string]any) *http.Request {
	if o.kind.Message == nil {
		return nil
	}
	path, media, ok := o.kind.Message(document)
	if !ok {
		return nil
	}
	raw, err := value.Encode(document)
	if err != nil {
		return nil
	}
	return &http.Request{
		Method: http.MethodPost, URL: &url.URL{Path: path}, Header: http.Header{"Content-Type": {media}}, Body: io.NopCloser(bytes.NewReader(raw)),
	}
}

// Request converts a recorded request to events as the pod did that received it: with its transport, its headers and its query. content returns the
// id of documents without one; nil uses the content of each. The sender is not authenticated again.
func (o *Offline) Request(r *http.Request, content func() (string, *reject.Rejection)) Mapped {
	if o.transport == nil {
		return refusedRequest(reject.New(reject.Unmapped, "spec.transport", "the source accepts no requests"))
	}
	body, rejection := recordedBody(r)
	if rejection != nil {
		return refusedRequest(rejection)
	}
	header := r.Header.Clone()
	for name := range pipeline.Private {
		header.Del(name)
	}
	header.Del("Content-Encoding")
	req := transport.Request{
		Method: r.Method, Path: o.pathOf(r.URL.Path), Header: header, Query: r.URL.Query(), RawQuery: r.URL.RawQuery,
		Body: func() ([]byte, *reject.Rejection) { return body, nil }, ReceivedAt: receipt(header, body, o.request.ReceivedAt),
	}
	decoded, rejection := o.transport.Decode(&req)
	switch {
	case rejection != nil:
		return refusedRequest(rejection)
	case decoded.Reply != nil:
		return refusedRequest(reject.New(reject.Unmapped, "", fmt.Sprintf("the request contains no event: the source responds with status %d", decoded.Reply.Status)))
	}
	for i := range decoded.Candidates {
		if content == nil {
			break
		}
		decoded.Candidates[i].ContentID = func() (string, *reject.Rejection) {
			id, rejection := content()
			if len(decoded.Candidates) > 1 {
				id = fmt.Sprintf("%s.%d", id, i)
			}
			return id, rejection
		}
	}
	return o.mapped(&req, decoded.Candidates)
}

// pathOf returns the path relative to the source, for any namespace.
func (o *Offline) pathOf(path string) string {
	parts := strings.SplitN(strings.TrimPrefix(path, "/"), "/", 3)
	if len(parts) >= 2 && parts[1] == o.snapshot.Config.Name {
		return pathIn("/"+parts[0]+"/"+parts[1], path)
	}
	return pathIn("/", path)
}

func refusedRequest(r *reject.Rejection) Mapped { return Mapped{Rejected: []*reject.Rejection{r}} }

// receipt returns the time of receipt of a recorded request: its header Date or the time in the message. Without either, it is the time of sending,
// so that the sender's clock counts as right.
func receipt(h http.Header, body []byte, otherwise time.Time) time.Time {
	if t, err := http.ParseTime(h.Get("Date")); err == nil {
		return t
	}
	for _, name := range []string{"receivedAt", "sentAt"} {
		if t, err := value.ParseTime(value.RawText(value.Lookup(body, name))); err == nil {
			return t
		}
	}
	return otherwise
}

// maxRecorded is the size of a recorded body after decompression: the largest limit of a source.
const maxRecorded = 16 << 20

func recordedBody(r *http.Request) ([]byte, *reject.Rejection) {
	if r.Body == nil {
		return nil, nil
	}
	sent := bufio.NewReader(r.Body)
	var from io.Reader = sent
	encoding := strings.ToLower(r.Header.Get("Content-Encoding"))
	// A short body has no such start, and fails below if it should be gzip.
	start, err := sent.Peek(3)
	if err == nil && isGzip(start) {
		encoding = "gzip"
	}
	switch err = nil; encoding {
	case "gzip":
		from, err = gzip.NewReader(sent)
	case "deflate":
		from, err = zlib.NewReader(sent)
	}
	var body []byte
	if err == nil {
		body, err = io.ReadAll(io.LimitReader(from, maxRecorded+1))
	}
	switch {
	case err != nil:
		return nil, reject.New(reject.BadJSON, "", "the body of the request cannot be decompressed")
	case len(body) > maxRecorded:
		return nil, reject.New(reject.BodyTooLarge, "", fmt.Sprintf("the body has more than %d bytes", maxRecorded))
	}
	return body, nil
}

// withHeader returns the request of a document without a request of its own.
func (o *Offline) withHeader(h http.Header) *transport.Request {
	r := o.request
	r.Header = h
	return &r
}

// mapped processes candidates.
func (o *Offline) mapped(r *transport.Request, list []transport.Candidate) Mapped {
	out := pipeline.Process(o.snapshot, r, list, nil)
	m := Mapped{Dropped: out.Counters.Dropped > 0, Placeholders: out.Counters.Placeholders, PlaceholderIDs: out.Counters.PlaceholderIDs,
		Nothings: out.Nothings}
	for _, r := range out.Rejected {
		m.Rejected = append(m.Rejected, r.Rejection)
	}
	for i := range out.Events {
		e := &out.Events[i]
		if e.TimeSource == event.TimeFromReceipt {
			m.Rejected = append(m.Rejected, reject.New(reject.BadTime, "time",
				fmt.Sprintf("event %q has no time, and a recording has no time of receipt to use instead", e.Name)))
			continue
		}
		e.ReceivedAt = e.Time
		m.Events = append(m.Events, *e)
	}
	return m
}
