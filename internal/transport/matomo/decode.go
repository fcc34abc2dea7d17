// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package matomo

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/form"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// single decodes a request whose query and form are one document. A parameter of the query counts more than one of the form.
func (t *adapter) single(r *transport.Request, body string) (transport.Decoded, *reject.Rejection) {
	f, rejection := form.Parse(r.RawQuery)
	if rejection != nil {
		return transport.Decoded{}, rejection
	}
	posted, rejection := form.Parse(body)
	if rejection != nil {
		return transport.Decoded{}, rejection
	}
	for k, v := range posted {
		if _, ok := f[k]; !ok {
			f[k] = v
		}
	}
	out := transport.Decoded{Answer: answerSingle(f["send_image"] != "0")}
	l := t.level(f["token_auth"], bearer(r.Header))
	if l == refused {
		return out, wrongToken
	}
	out.Candidates = []transport.Candidate{t.candidate(func() form.Form { return f }, l, r.ReceivedAt)}
	if rejection := out.Candidates[0].Rejection; rejection != nil && len(f) == 0 {
		return out, reject.New(reject.BadJSON, "", "the request has no parameters")
	}
	return out, nil
}

// bulk decodes a document with many requests. Each is a query, or an object of its parameters.
func (t *adapter) bulk(r *transport.Request, body []byte) (transport.Decoded, *reject.Rejection) {
	if rejection := transport.CheckJSON(body); rejection != nil {
		return transport.Decoded{}, rejection
	}
	if !json.Valid(body) {
		return transport.Decoded{}, transport.NotJSON("")
	}
	requests := value.Lookup(body, "requests")
	if value.Kind(requests) != '[' {
		return transport.Decoded{}, reject.New(reject.BadJSON, "requests", "a list of requests is expected")
	}
	list, rejection := transport.Elements(requests)
	if rejection != nil {
		return transport.Decoded{}, rejection
	}
	if len(list) == 0 {
		return transport.Decoded{}, reject.New(reject.BadJSON, "requests", "the list of requests is empty")
	}
	token := value.RawText(value.Lookup(body, "token_auth"))
	out := transport.Decoded{
		Candidates: make([]transport.Candidate, len(list)),
		Answer:     answerBulk(value.RawText(value.Lookup(body, "send_image")) != "0", t.level(token, bearer(r.Header)) == known),
	}
	accepted := false
	for i, raw := range list {
		f, rejection := parse(raw)
		if rejection != nil {
			out.Candidates[i] = transport.Candidate{Rejection: rejection}
			accepted = accepted || t.level(token, bearer(r.Header)) != refused
			continue
		}
		l := t.level(f["token_auth"], token, bearer(r.Header))
		if l == refused {
			out.Candidates[i] = transport.Candidate{Rejection: wrongToken}
			continue
		}
		accepted = true
		out.Candidates[i] = t.checked(f, func() form.Form { return again(raw) }, l, r.ReceivedAt)
	}
	if !accepted {
		out.Candidates = nil
		return out, wrongToken
	}
	return out, nil
}

// parse returns the parameters of an element of a bulk request.
func parse(raw []byte) (form.Form, *reject.Rejection) {
	switch value.Kind(raw) {
	case '"':
		_, query, _ := strings.Cut(value.RawText(raw), "?")
		return form.Parse(query)
	case '{':
		f := form.Form{}
		for k, v := range value.Fields(raw) {
			if len(f) == form.MaxParameters {
				return nil, form.TooMany()
			}
			if text := value.RawText(v); text != "" {
				f[string(k)] = text
			} else if kind := value.Kind(v); kind == '[' || kind == '{' {
				f[string(k)] = string(v)
			}
		}
		return f, nil
	}
	return nil, reject.New(reject.BadJSON, "requests", "a request must be a query such as ?idsite=1&rec=1, or a JSON object of parameters")
}

// again parses an element again, so that the parameters of all requests are not in memory at the same time.
func again(raw []byte) form.Form {
	f, _ := parse(raw)
	return f
}

// answerSingle returns the image of the API, or no content if the sender wants none.
func answerSingle(image bool) func(*transport.Result) *transport.Reply {
	return func(r *transport.Result) *transport.Reply {
		switch {
		case r.Status != http.StatusOK:
			return nil
		case image:
			return transport.Pixel()
		}
		return &transport.Reply{Status: http.StatusNoContent, Header: http.Header{"Cache-Control": {"no-store"}}}
	}
}

// bulkResult is the response to a bulk request.
type bulkResult struct {
	Status  string `json:"status"`
	Tracked int64  `json:"tracked"`
	Invalid int64  `json:"invalid"`
	// InvalidIndices are only for senders with the token. The first refusals are listed.
	InvalidIndices []int `json:"invalid_indices,omitempty"`
	// Message is for people: what is wrong with the first invalid request, or with all.
	Message string `json:"message,omitempty"`
}

// answerBulk returns how many requests were tracked.
func answerBulk(wanted, authenticated bool) func(*transport.Result) *transport.Reply {
	return func(r *transport.Result) *transport.Reply {
		if r.Status == http.StatusOK && !wanted {
			return &transport.Reply{Status: http.StatusNoContent}
		}
		b := bulkResult{Status: "success", Tracked: int64(r.Accepted) + r.Dropped, Invalid: r.RejectedCount, Message: r.Error}
		if r.Status != http.StatusOK {
			b.Status = "error"
		}
		for _, refusal := range r.Rejected {
			if b.Message == "" {
				b.Message = refusal.Example()
			}
			if authenticated {
				b.InvalidIndices = append(b.InvalidIndices, refusal.Index)
			}
		}
		body, err := json.Marshal(b)
		if err != nil {
			return nil
		}
		return &transport.Reply{Status: r.Status, Header: http.Header{"Content-Type": {"application/json"}}, Body: body}
	}
}

// candidate checks a single request.
func (t *adapter) candidate(fields func() form.Form, l level, receivedAt time.Time) transport.Candidate {
	return t.checked(fields(), fields, l, receivedAt)
}
