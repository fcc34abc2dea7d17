// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/egress"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// turn finds what leads to the next page.
func (r *reader) turn(p *page, body []byte, h http.Header) (err error) {
	g := r.spec.Pagination
	switch {
	case g == nil:
	case g.Cursor != nil:
		p.cursor = r.cursorOf(p, body, g.Cursor)
		if r.more(p, body, g.Cursor) {
			if p.next = p.cursor; p.next == "" {
				err = misconfigured("%s says that more pages follow, and gives no cursor: compare %s.pagination.cursor with the documentation of the API",
					r.url.Host, field)
			}
		}
	case g.PageNumber != nil:
		if goesOn(p.count, g.PageNumber.Size) {
			p.next = strconv.FormatInt(r.number()+1, 10)
		}
	case g.Offset != nil:
		if goesOn(p.count, g.Offset.Size) {
			p.next = strconv.FormatInt(r.number()+int64(p.count), 10)
		}
	case g.LinkHeader != nil:
		p.next, err = r.link(nextOf(h), field+".pagination.linkHeader")
	default:
		p.next, err = r.link(text(body, g.NextLink.Path), field+".pagination.nextLink")
	}
	return err
}

// goesOn reports whether a page with n records can have one after it.
func goesOn(n int, size *int32) bool { return n > 0 && (size == nil || n >= int(*size)) }

func (r *reader) cursorOf(p *page, body []byte, c *v1alpha1.RESTCursor) string {
	if c.LastRecord == "" {
		return text(body, c.Path)
	}
	if p.count == 0 {
		return ""
	}
	return text(p.records[len(p.records)-1], c.LastRecord)
}

// more reports whether pages follow.
func (r *reader) more(p *page, body []byte, c *v1alpha1.RESTCursor) bool {
	switch {
	case c.MorePath != "":
		return value.Kind(lookup(body, c.MorePath)) == 't'
	case c.EndPath != "":
		return value.Kind(lookup(body, c.EndPath)) != 't'
	}
	// An API that gives a cursor with every page would otherwise never end.
	return p.cursor != "" && (p.count > 0 || p.cursor != r.cursor())
}

// link returns a link to the next page without its origin, which must be that of the API: it gets the credentials.
func (r *reader) link(text, at string) (string, error) {
	if text == "" {
		return "", nil
	}
	base := r.url
	if last := r.at.Poll.Next; last != "" {
		if u, err := r.url.Parse(last); err == nil {
			base = u
		}
	}
	u, err := base.Parse(text)
	if err != nil {
		return "", misconfigured("%s: the API gives a next page that is not a URL", at)
	}
	if !egress.SameOrigin(u, r.url) {
		return "", misconfigured("%s: the API gives a next page at %s, and the pods send requests and credentials only to %s: use the URL that the API itself "+
			"uses in %s.url", at, egress.Origin(u), egress.Origin(r.url), field)
	}
	query := u.Query()
	if c := r.spec.Credentials; c != nil && c.Parameter != "" && query.Has(c.Parameter) {
		// The position is no place for a secret.
		query.Del(c.Parameter)
		u.RawQuery = query.Encode()
	}
	return u.RequestURI(), nil
}

// nextOf returns the target of rel="next" in the header Link (RFC 8288); empty if there is none.
func nextOf(h http.Header) string {
	for _, line := range h.Values("Link") {
		for line != "" {
			_, rest, found := strings.Cut(line, "<")
			target, after, closed := strings.Cut(rest, ">")
			if !found || !closed {
				break
			}
			parameters, following := untilComma(after)
			if isNext(parameters) {
				return target
			}
			line = following
		}
	}
	return ""
}

// untilComma cuts at the first comma that is not within quotes.
func untilComma(s string) (before, after string) {
	quoted := false
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ',' && !quoted:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// isNext reports whether the parameters of a link have the relation next.
func isNext(parameters string) bool {
	for p := range strings.SplitSeq(parameters, ";") {
		name, v, _ := strings.Cut(strings.TrimSpace(p), "=")
		if !strings.EqualFold(strings.TrimSpace(name), "rel") {
			continue
		}
		for relation := range strings.FieldsSeq(strings.Trim(strings.TrimSpace(v), `"`)) {
			if strings.EqualFold(relation, "next") {
				return true
			}
		}
	}
	return false
}

// seen are the pages of a poll: numbers by what leads to the next page, and by content.
type seen struct {
	next    map[string]int
	content map[digest]int
}

// loop returns an error if a page was there before, or leads to one that was.
func (r *reader) loop(p *page) error {
	if p.next == "" {
		return nil
	}
	number := r.at.Poll.Pages + 1
	if r.seen.next == nil {
		r.seen = seen{next: map[string]int{}, content: map[digest]int{}}
		if r.at.Poll.Next != "" {
			r.seen.next[r.at.Poll.Next] = r.at.Poll.Pages
		}
	}
	if before, ok := r.seen.next[p.next]; ok {
		return misconfigured("page %d of the poll leads to the same next page (%s) as page %d, so the pages are a loop: check %s.pagination, and that "+
			"query or body has its placeholder", number, r.way(), before, field)
	}
	r.seen.next[p.next] = number
	if p.count > 0 {
		if before, ok := r.seen.content[p.content]; ok {
			return misconfigured("page %d of the poll has the same records as page %d, so the API ignores which page is asked for (%s): check %s.pagination, "+
				"and the name of the parameter in query or body", number, before, r.way(), field)
		}
		r.seen.content[p.content] = number
	}
	limit := defaultMaxPages
	if g := r.spec.Pagination; g != nil && g.MaxPages != nil {
		limit = int(*g.MaxPages)
	}
	if number >= limit {
		return misconfigured("the poll has more than %d pages: raise %s.pagination.maxPages if that is right; otherwise, the pages are a loop", limit, field)
	}
	return nil
}

// way is the field that says how the next page is found.
func (r *reader) way() string {
	switch g := r.spec.Pagination; {
	case g.Cursor != nil:
		return "cursor"
	case g.PageNumber != nil:
		return "pageNumber"
	case g.Offset != nil:
		return "offset"
	case g.LinkHeader != nil:
		return "linkHeader"
	}
	return "nextLink"
}
