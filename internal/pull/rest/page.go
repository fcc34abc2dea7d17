// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/httpapi"
	"github.com/journeyman-dev/journeyman/internal/privacy"
	"github.com/journeyman-dev/journeyman/internal/pull/message"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// page is a response.
type page struct {
	// records are its records as they were sent, and taken how many of them are in batches. count is the number before those that are known were removed,
	// and content their hash.
	records [][]byte
	taken   int
	count   int
	content digest
	// next leads to the next page; empty on the last one. cursor is the latest cursor, also on the last page.
	next, cursor string
	// began is the time of the response by the clock of the server, in microseconds.
	began int64
	// further is set if the poll ends with this page, and another one follows at once.
	further bool
}

// read splits a response into records, and finds the next page.
func (r *reader) read(response *httpapi.Response) (*page, error) {
	p := &page{began: r.Now().UnixMicro()}
	if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
		p.began = date.UnixMicro()
	}
	body := bytes.TrimPrefix(bytes.TrimSpace(response.Body), []byte("\xef\xbb\xbf"))
	var err error
	if r.spec.Format == v1alpha1.RESTNDJSON {
		p.records, err = r.lines(body)
		body = nil
	} else {
		p.records, err = r.array(body)
	}
	if err != nil {
		return nil, err
	}
	p.count, p.content = len(p.records), digestOf(p.records...)
	if err := r.turn(p, body, response.Header); err != nil {
		return nil, err
	}
	return p, r.loop(p)
}

// lines are the records of NDJSON. Those that are not JSON are set aside one by one.
func (r *reader) lines(body []byte) (out [][]byte, err error) {
	for line := range bytes.SplitSeq(body, []byte{'\n'}) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if len(out) == maxRecords {
			return nil, r.tooMany()
		}
		out = append(out, line)
	}
	return out, nil
}

// array are the records of a JSON document.
func (r *reader) array(body []byte) (out [][]byte, err error) {
	if len(body) == 0 {
		return nil, nil // 204, or an answer that is as good.
	}
	if !json.Valid(body) {
		return nil, misconfigured("%s answers with something else than JSON, or only a part of it: check %s.url and format", r.url.Host, field)
	}
	raw := lookup(body, r.spec.RecordsPath)
	switch value.Kind(raw) {
	case '[':
	case 'n':
		return nil, nil
	case '{':
		if r.spec.RecordsPath == "" {
			return nil, misconfigured("the answer of %s is an object and not a list: set %s.recordsPath to the field that has the list", r.url.Host, field)
		}
		return [][]byte{raw}, nil
	default:
		return nil, misconfigured("the answer of %s has no list at %s.recordsPath: compare it with the documentation of the API", r.url.Host, field)
	}
	for e := range value.Elements(raw) {
		if len(out) == maxRecords {
			return nil, r.tooMany()
		}
		out = append(out, e)
	}
	return out, nil
}

func (r *reader) tooMany() error {
	return misconfigured("a page of %s has more than %d records: ask for smaller pages in %s.query, or set incremental.time.window", r.url.Host, maxRecords, field)
}

// lookup returns a field of a document; nil if there is none.
func lookup(raw []byte, path v1alpha1.JSONPath) []byte {
	if path == "" {
		return raw
	}
	for _, name := range names(string(path)) {
		if raw = value.Lookup(raw, name); raw == nil {
			return nil
		}
	}
	return raw
}

// names are the names in a path. A backslash precedes a dot that is part of a name.
func names(path string) []string {
	out := []string{""}
	for i := 0; i < len(path); i++ {
		last := len(out) - 1
		switch c := path[i]; {
		case c == '\\' && i+1 < len(path):
			i++
			out[last] += path[i : i+1]
		case c == '.':
			out = append(out, "")
		default:
			out[last] += path[i : i+1]
		}
	}
	return out
}

// text returns a field that is a text or a number; empty if there is none.
func text(raw []byte, path v1alpha1.JSONPath) string { return value.RawText(lookup(raw, path)) }

// words are placeholders for an id.
var words *privacy.Placeholders

// candidate of a record.
func (r *reader) candidate(raw []byte) []transport.Candidate {
	if value.Kind(raw) != '{' || !json.Valid(raw) {
		return []transport.Candidate{{Rejection: reject.New(reject.BadJSON, "", "a record must be a JSON object")}}
	}
	m := &message.Message{Body: raw, Headers: map[string]string{}}
	if id := r.spec.ID; id != nil {
		m.ID = text(raw, id.Field)
		if m.ID != "" && id.VersionField != "" && !words.Has("", m.ID) {
			m.ID += "@" + text(raw, id.VersionField)
		}
	}
	// The record will be read again, so its id without one of its own can have no time of receipt.
	m.Place = contentOf(raw)
	if us, ok := r.timeOf(raw); ok {
		m.Time = time.UnixMicro(us)
	}
	return r.decode.Candidates(m)
}

// contentOf identifies a record by its content; empty if it cannot be used at all.
func contentOf(raw []byte) string {
	document, err := value.Decode(raw)
	if err != nil {
		return ""
	}
	id, rejection := transport.ContentID(document)
	if rejection != nil {
		return ""
	}
	return id
}

// timeOf is the time of a record by which the API selects, in microseconds.
func (r *reader) timeOf(raw []byte) (int64, bool) {
	t := r.timed()
	if t == nil || t.Field == "" {
		return 0, false
	}
	at := value.RawScalar(lookup(raw, t.Field))
	if at == nil {
		return 0, false
	}
	if t.Format == v1alpha1.RESTUnixMilliseconds {
		us, err := value.Micros(at)
		us /= 1000
		return us, err == nil && us > 0 && us < value.MaxTime
	}
	us, err := value.Time(at)
	return us, err == nil
}
