// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/httpapi"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Names of placeholders.
const (
	cursorName, pageName, offsetName = "cursor", "page", "offset"
	sinceName, untilName             = "since", "until"
)

// variables are the values of placeholders by name. One that has none is empty.
type variables map[string]variable

type variable struct {
	text string
	// number is set if a body has it as a number.
	number bool
}

// variables of the next request.
func (r *reader) variables() variables {
	p := r.at.Poll
	v := variables{cursorName: {}, pageName: {}, offsetName: {}, sinceName: {}, untilName: {}}
	if g := r.spec.Pagination; g != nil {
		switch {
		case g.Cursor != nil:
			v[cursorName] = variable{text: r.cursor()}
		case g.PageNumber != nil:
			v[pageName] = variable{strconv.FormatInt(r.number(), 10), true}
		case g.Offset != nil:
			v[offsetName] = variable{strconv.FormatInt(r.number(), 10), true}
		}
	}
	switch t := r.timed(); {
	case t != nil:
		v[untilName] = clock(p.Until, t.Format)
		if since := r.at.Watermark - t.Overlap.Or(defaultOverlap).Microseconds(); r.at.Watermark > 0 {
			v[sinceName] = clock(max(since, r.start(), 0), t.Format)
		}
	case r.savesCursor() && r.cursor() == "" && r.start() > 0:
		v[sinceName] = clock(r.start(), r.spec.Incremental.SavedCursor.Format)
	}
	return v
}

// cursor of the next request; empty if it has none.
func (r *reader) cursor() string {
	if r.at.Poll.Next != "" {
		return r.at.Poll.Next
	}
	return r.at.Cursor
}

// number of the next page, or of the records before it.
func (r *reader) number() int64 {
	if n, err := strconv.ParseInt(r.at.Poll.Next, 10, 64); err == nil {
		return n
	}
	if p := r.spec.Pagination.PageNumber; p != nil {
		if p.First != nil {
			return int64(*p.First)
		}
		return 1
	}
	return 0
}

// clock formats a time in microseconds.
func clock(us int64, format v1alpha1.RESTTimeFormat) variable {
	t := time.UnixMicro(us).UTC()
	switch format {
	case v1alpha1.RESTUnixSeconds:
		return variable{strconv.FormatInt(t.Unix(), 10), true}
	case v1alpha1.RESTUnixMilliseconds:
		return variable{strconv.FormatInt(t.UnixMilli(), 10), true}
	case v1alpha1.RESTDate:
		return variable{text: t.Format(time.DateOnly)}
	}
	return variable{text: t.Truncate(time.Millisecond).Format(time.RFC3339Nano)}
}

// expand replaces the placeholders in a text; false if one has no value.
func (v variables) expand(s string) (string, bool) {
	var replaced []string
	for name, variable := range v {
		place := placeholder(name)
		if variable.text == "" && strings.Contains(s, place) {
			return "", false
		}
		replaced = append(replaced, place, variable.text)
	}
	// All at once, because a value comes from the API and can contain a placeholder.
	return strings.NewReplacer(replaced...).Replace(s), true
}

func placeholder(name string) string { return "$(" + name + ")" }

// fill replaces the placeholders in the texts of a document. Fields and elements whose placeholder has no value are left out.
func (v variables) fill(document any) (any, bool) {
	switch d := document.(type) {
	case string:
		for name, variable := range v {
			if d == placeholder(name) && variable.number {
				return json.Number(variable.text), true
			}
		}
		return v.expand(d)
	case map[string]any:
		out := map[string]any{}
		for name, e := range d {
			if filled, ok := v.fill(e); ok {
				out[name] = filled
			}
		}
		return out, true
	case []any:
		out := []any{}
		for _, e := range d {
			if filled, ok := v.fill(e); ok {
				out = append(out, filled)
			}
		}
		return out, true
	}
	return document, true
}

// next returns the request of the next page.
func (r *reader) next() (*httpapi.Request, error) {
	out := &httpapi.Request{Name: field, Header: r.header(), URL: r.url}
	v := r.variables()
	if r.spec.Body != "" {
		document, err := value.Decode([]byte(r.spec.Body))
		if err != nil {
			return nil, misconfigured("%s.body is not JSON", field)
		}
		filled, _ := v.fill(document)
		if out.Body, err = json.Marshal(filled); err != nil {
			return nil, misconfigured("%s.body is not JSON", field)
		}
	}
	if link := r.at.Poll.Next; link != "" && r.follows() {
		u, err := r.url.Parse(link)
		out.URL = u
		return out, err
	}
	query := url.Values{}
	for name, text := range r.spec.Query {
		if s, ok := v.expand(string(text)); ok {
			query.Set(name, s)
		}
	}
	u := *r.url
	u.RawQuery = query.Encode()
	out.URL = &u
	return out, nil
}

// follows reports whether the next page is a link.
func (r *reader) follows() bool {
	g := r.spec.Pagination
	return g != nil && (g.LinkHeader != nil || g.NextLink != nil)
}
