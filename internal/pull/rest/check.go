// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/mapping"
)

// check returns what is wrong with the settings without asking the API.
func check(spec *v1alpha1.TouchpointSourceSpec) error {
	s := spec.Transport.REST
	var all mapping.Errors
	fault := func(path, message, fix string) {
		all = append(all, mapping.Errors{{Path: "transport.rest." + path, Message: message, Fix: fix}}...)
	}
	if s.Body != "" && !json.Valid([]byte(s.Body)) {
		fault("body", "it is not JSON", `write a JSON document, for example {"after": "$(cursor)"}`)
	}
	for _, name := range required(s) {
		if !mentions(s, name) {
			fault("query", "no parameter has "+placeholder(name)+", so the API would not know what to return",
				"add the parameter with "+placeholder(name)+" to query, or to body")
		}
	}
	if i := s.Incremental; i != nil && i.Time != nil {
		t := i.Time
		if t.Window != "" && t.Window.Or(0) <= t.Overlap.Or(defaultOverlap) {
			fault("incremental.time.window", "it is not longer than the overlap", "set a longer window, or a shorter overlap")
		}
		if t.Format == v1alpha1.RESTDate && t.Window != "" && t.Window.Or(0) < 24*time.Hour {
			fault("incremental.time.window", "it is shorter than a day, and the times are days", "set at least 1d, or another format")
		}
	}
	if len(all) > 0 {
		return all
	}
	return nil
}

// required are the placeholders without which each page, or each poll, would be the same.
func required(s *v1alpha1.RESTTransport) (out []string) {
	if g := s.Pagination; g != nil {
		switch {
		case g.Cursor != nil:
			out = append(out, cursorName)
		case g.PageNumber != nil:
			out = append(out, pageName)
		case g.Offset != nil:
			out = append(out, offsetName)
		}
	}
	if i := s.Incremental; i != nil && i.Time != nil {
		out = append(out, sinceName)
		if i.Time.Window != "" {
			out = append(out, untilName)
		}
	}
	return out
}

func mentions(s *v1alpha1.RESTTransport, name string) bool {
	found := strings.Contains(s.Body, placeholder(name))
	for _, v := range s.Query {
		found = found || strings.Contains(string(v), placeholder(name))
	}
	return found
}
