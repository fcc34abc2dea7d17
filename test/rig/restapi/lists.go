// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package restapi

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// size reads the size of a page; the default and the maximum are those of the vendor.
func size(q url.Values, name string, standard, most int) int {
	n, err := strconv.Atoi(q.Get(name))
	if err != nil || n < 1 {
		n = standard
	}
	return min(n, most)
}

func bodies(records []record) []json.RawMessage {
	out := make([]json.RawMessage, 0, len(records))
	for _, r := range records {
		out = append(out, r.Body)
	}
	return out
}

// stripe is a list of Stripe: newest first, starting_after is an id, created[gte] seconds.
func (a *api) stripe(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	list := slices.Clone(a.all())
	slices.Reverse(list)
	if text := q.Get("created[gte]"); text != "" {
		from, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			http.Error(w, `{"error":{"type":"invalid_request_error"}}`, http.StatusBadRequest)
			return
		}
		list = slices.DeleteFunc(list, func(e record) bool { return e.Created.Unix() < from })
	}
	if after := q.Get("starting_after"); after != "" {
		i := slices.IndexFunc(list, func(e record) bool { return e.ID == after })
		if i < 0 {
			http.Error(w, `{"error":{"type":"invalid_request_error","message":"No such event"}}`, http.StatusBadRequest)
			return
		}
		list = list[i+1:]
	}
	n := min(size(q, "limit", 10, 100), len(list))
	reply(w, map[string]any{"object": "list", "url": r.URL.Path, "has_more": n < len(list), "data": bodies(list[:n])})
}

// zendesk is an incremental export of Zendesk with cursors: start_time or cursor, and end_of_stream. The cursor at the end of the stream stays valid.
func (a *api) zendesk(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	list, from := a.all(), 0
	switch cursor, start := q.Get("cursor"), q.Get("start_time"); {
	case cursor != "" && start == "":
		raw, err := base64.StdEncoding.DecodeString(cursor)
		if err == nil {
			from, err = strconv.Atoi(string(raw))
		}
		if err != nil || from > len(list) {
			http.Error(w, `{"error":"InvalidCursor"}`, http.StatusUnprocessableEntity)
			return
		}
	case cursor == "" && start != "":
		seconds, err := strconv.ParseInt(start, 10, 64)
		if err != nil {
			http.Error(w, `{"error":"InvalidValue"}`, http.StatusUnprocessableEntity)
			return
		}
		for from < len(list) && list[from].Created.Unix() < seconds {
			from++
		}
	default:
		http.Error(w, `{"error":"start_time or cursor is required"}`, http.StatusBadRequest)
		return
	}
	to := min(from+size(q, "per_page", 1000, 1000), len(list))
	after := base64.StdEncoding.EncodeToString([]byte(strconv.Itoa(to)))
	reply(w, map[string]any{
		"tickets": bodies(list[from:to]), "after_cursor": after, "before_cursor": nil, "end_of_stream": to == len(list),
		"after_url": fmt.Sprintf("http://%s%s?cursor=%s", r.Host, r.URL.Path, url.QueryEscape(after)),
	})
}

// github is a list of GitHub: since is an RFC 3339 time, oldest first, with the header Link and those of its rate limit.
func (a *api) github(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	list := slices.Clone(a.all())
	if since, err := time.Parse(time.RFC3339, q.Get("since")); err == nil {
		list = slices.DeleteFunc(list, func(e record) bool { return e.Created.Truncate(time.Second).Before(since) })
	}
	number, n := max(1, size(q, "page", 1, 1<<30)), size(q, "per_page", 30, 100)
	from := min((number-1)*n, len(list))
	to := min(from+n, len(list))
	link := func(page int, rel string) string {
		next := r.URL.Query()
		next.Set("page", strconv.Itoa(page))
		return fmt.Sprintf("<http://%s%s?%s>; rel=%q", r.Host, r.URL.Path, next.Encode(), rel)
	}
	if number > 1 {
		w.Header().Add("Link", link(1, "first")+", "+link(number-1, "prev"))
	}
	if to < len(list) {
		w.Header().Add("Link", link(number+1, "next")+", "+link((len(list)+n-1)/n, "last"))
	}
	w.Header().Set("X-RateLimit-Limit", "5000")
	w.Header().Set("X-RateLimit-Remaining", "4999")
	w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10))
	reply(w, bodies(list[from:to]))
}

// export is a raw export of Mixpanel: NDJSON of the days from from_date to to_date, both required.
func (a *api) export(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	from, err := time.Parse(time.DateOnly, q.Get("from_date"))
	to, err2 := time.Parse(time.DateOnly, q.Get("to_date"))
	if err != nil || err2 != nil || to.Before(from) {
		http.Error(w, `{"error":"from_date and to_date are required"}`, http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/plain")
	for _, e := range a.all() {
		if day := e.Created.Truncate(24 * time.Hour); !day.Before(from) && !day.After(to) {
			_, _ = fmt.Fprintf(w, "%s\n", e.Body)
		}
	}
}

// odata is a list of OData: $skip and $top, and @odata.nextLink in the body.
func (a *api) odata(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	list := a.all()
	skip, _ := strconv.Atoi(q.Get("$skip"))
	from := min(max(0, skip), len(list))
	to := min(from+size(q, "$top", 50, 500), len(list))
	out := map[string]any{"value": bodies(list[from:to])}
	if to < len(list) {
		q.Set("$skip", strconv.Itoa(to))
		out["@odata.nextLink"] = fmt.Sprintf("http://%s%s?%s", r.Host, r.URL.Path, q.Encode())
	}
	reply(w, out)
}

// search is a search of HubSpot's kind: POST, with limit and after in the body, and paging.next.after in the response.
func (a *api) search(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Limit int             `json:"limit"`
		After string          `json:"after"`
		Extra json.RawMessage `json:"offset"`
	}
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil || r.Header.Get("Content-Type") != "application/json" {
		http.Error(w, `{"status":"error"}`, http.StatusBadRequest)
		return
	}
	list := a.all()
	from, _ := strconv.Atoi(q.After)
	if offset, err := strconv.Atoi(string(q.Extra)); err == nil { // A number; a text would be refused.
		from = offset
	}
	from = min(from, len(list))
	to := min(from+max(1, q.Limit), len(list))
	out := map[string]any{"results": bodies(list[from:to]), "total": len(list)}
	if to < len(list) {
		out["paging"] = map[string]any{"next": map[string]any{"after": strconv.Itoa(to)}}
	}
	reply(w, out)
}
