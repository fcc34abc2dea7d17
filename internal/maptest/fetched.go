// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package maptest

import (
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/internal/budget"
	"github.com/journeyman-dev/journeyman/internal/ingest/pipeline"
	"github.com/journeyman-dev/journeyman/internal/recording"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// fetched returns what becomes of documents of a source that fetches them: nobody gets an answer. The recording has their headers; what a broker
// knows of a message (topic, partition, offset, key) is not in it.
func (t *Tester) fetched(r *recording.Request, at time.Time, from string) (*Result, error) {
	out := &Result{Request: RequestOf(r, at, from), Authentication: Authentication{Status: NotNeeded}}
	documents, rejection := transport.Document(r.Body)
	if rejection != nil {
		out.Refused = t.refusal(&pipeline.Refusal{Rejection: rejection}, r, -1, nil)
		return out, nil //nolint:nilerr // a refusal is a result
	}
	headers := map[string]string{}
	for name := range r.Header {
		headers[strings.ToLower(name)] = r.Header.Get(name)
	}
	candidates := make([]transport.Candidate, len(documents))
	for i, raw := range documents {
		body := func() (any, error) { return value.Decode(raw) }
		candidates[i] = transport.Candidate{Headers: headers, Body: body, ContentID: func() (string, *reject.Rejection) {
			document, err := body()
			if err != nil {
				return "", transport.NotJSON("")
			}
			return transport.ContentID(document)
		}}
	}
	seen := &observer{}
	snapshot := *t.snapshot
	snapshot.Observer = seen
	for len(candidates) > 0 {
		share := budget.New(budget.Total(0)).Share()
		part := pipeline.ProcessPart(&snapshot, at, candidates, share)
		share.Release()
		candidates = candidates[len(part.Ends):]
	}
	for i, s := range seen.steps {
		s.Index = i
		out.Documents = append(out.Documents, t.documentOf(s, r))
	}
	return out, nil
}
