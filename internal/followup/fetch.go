// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package followup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/journeyman-dev/journeyman/internal/httpapi"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// record is an answer as the rules see it.
type record struct {
	value any
	// absent is set if there is no such record, and rejection if it cannot be used.
	absent    bool
	rejection *reject.Rejection
}

// read returns the records by URL. The memory of each is asked for when it arrives, so that a request without room ends before everything is read.
func (r *Reader) read(ctx context.Context, pending map[string]*httpapi.Request, hold func(raw []byte) *reject.Rejection) (map[string]record, error) {
	records := make(map[string]record, len(pending))
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(concurrency)
	for url, request := range pending {
		g.Go(func() error {
			got, err := r.one(ctx, url, request)
			if err != nil {
				return err
			}
			if got.raw != nil {
				mu.Lock()
				full := hold(got.raw)
				mu.Unlock()
				if full != nil {
					return full
				}
			}
			decoded := decode(got, request.Name)
			mu.Lock()
			defer mu.Unlock()
			records[url] = decoded
			return nil
		})
	}
	return records, g.Wait()
}

func decode(a answer, name string) record {
	if a.rejection != nil || a.raw == nil {
		return record{absent: a.rejection == nil, rejection: a.rejection}
	}
	v, err := value.Decode(a.raw)
	if err != nil {
		return record{rejection: reject.New(reject.BadRecord, name, transport.NotJSON("").Message)}
	}
	return record{value: v}
}

// one returns a record from the cache, from a read that is in progress, or from the API. No read begins for a request that has already failed.
func (r *Reader) one(ctx context.Context, url string, request *httpapi.Request) (answer, error) {
	if a, ok := r.cache.get(url); ok {
		return a, nil
	}
	if err := ctx.Err(); err != nil {
		return answer{}, err
	}
	result := r.flight.DoChan(url, func() (any, error) { return r.fetch(url, request) })
	select {
	case <-ctx.Done():
		return answer{}, ctx.Err()
	case got := <-result:
		a, _ := got.Val.(answer)
		return a, got.Err
	}
}

// fetch does not end with the request of the sender: it would start again with the next one, and never end for a slow API.
func (r *Reader) fetch(url string, request *httpapi.Request) (answer, error) {
	r.slots <- struct{}{}
	defer func() { <-r.slots }()
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	response, err := r.client.Do(ctx, request)
	var failed *httpapi.Error
	switch {
	case err == nil:
		a := check(response.Body, request)
		r.cache.put(url, a)
		return a, nil
	case !errors.As(err, &failed):
		message := fmt.Sprintf("%s did not answer within %s", request.URL.Host, readTimeout)
		return answer{}, &httpapi.Error{Reason: httpapi.Unreachable, Temporary: true, Message: message}
	case failed.Reason == httpapi.NotFound:
		// Somebody deleted it. That is no reason to lose the notification.
		r.cache.put(url, answer{})
		return answer{}, nil
	case concernsOne(failed):
		a := answer{rejection: reject.New(reject.BadRecord, request.Name, failed.Message)}
		r.cache.put(url, a)
		return a, nil
	}
	return answer{}, err
}

// concernsOne reports whether an API refuses one request for what is in it. The others of the same delivery can succeed, and this one never will.
func concernsOne(e *httpapi.Error) bool {
	switch e.Status {
	case http.StatusBadRequest, http.StatusRequestURITooLong, http.StatusUnprocessableEntity:
		return e.Reason == httpapi.Misconfigured
	}
	return e.Reason == httpapi.TooLarge
}

// check returns the answer of a response with a status of success. No content means that there is no such record.
func check(body []byte, request *httpapi.Request) answer {
	if len(body) == 0 {
		return answer{}
	}
	rejection := transport.CheckJSON(body)
	if rejection == nil && !json.Valid(body) {
		rejection = transport.NotJSON("")
	}
	if rejection == nil {
		return answer{raw: body}
	}
	return answer{rejection: reject.New(reject.BadRecord, request.Name, request.URL.Host+" answers: "+rejection.Message+"; check followUp.baseURL")}
}
