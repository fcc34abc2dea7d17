// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package httpapi

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/internal/egress"
)

// Reasons of errors.
const (
	// Unreachable: no connection, or no whole answer.
	Unreachable = "Unreachable"
	// Unauthorized: the API refuses the credentials, or does not permit reading with them.
	Unauthorized = "Unauthorized"
	// NotFound: there is nothing at the path.
	NotFound = "NotFound"
	// RateLimited: the API asks for fewer requests. It ends by itself.
	RateLimited = "RateLimited"
	// Unavailable: the API has a problem of its own. It usually ends by itself.
	Unavailable = "Unavailable"
	// Misconfigured: the request does not fit the API, or may not be sent.
	Misconfigured = "Misconfigured"
	// Redirected: the API redirects to another host, which refuses the request, or is not asked.
	Redirected = "Redirected"
	// TooLarge: the response is larger than the client accepts.
	TooLarge = "TooLarge"
)

// Error is why there is no response.
type Error struct {
	// Reason is one of the constants of this package.
	Reason string
	// Status of the response; 0 if there was none.
	Status int
	// Temporary is set if the same request can succeed later. RetryAfter is the pause that the API asks for; 0 if it asks for none.
	Temporary  bool
	RetryAfter time.Duration
	// Message says what is wrong and what to do. It has no credentials and nothing of documents.
	Message string
	// Cause is why a connection failed; nil for other errors. Its text is not for users.
	Cause error
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Error implements error.
func (e *Error) Error() string { return e.Message }

// failed returns the error of a response without success.
func (c *Client) failed(r *Request, response *Response) *Error {
	out := &Error{Status: response.Status}
	var asked bool
	if out.RetryAfter, asked = RetryAfter(response.Header, c.o.Now()); !asked && response.Status/100 == 4 {
		out.RetryAfter = Exhausted(response.Header, c.o.Now())
	}
	said := fmt.Sprintf("%s answers the request of %s with %d %s", r.URL.Host, r.Name, response.Status, http.StatusText(response.Status))
	switch s := response.Status; {
	case s == http.StatusTooManyRequests, s == http.StatusForbidden && out.RetryAfter > 0:
		out.Reason, out.Temporary = RateLimited, true
		out.Message = said + ": its rate limit is reached; requests continue after a pause"
	case s/100 == 4 && !egress.SameOrigin(r.URL, response.from):
		// Credentials are not sent there, so a refusal says nothing about them.
		to := egress.Origin(response.from)
		out.Reason, out.Message = Redirected, fmt.Sprintf("%s redirects to %s, which gets no credentials and answers with %d %s: use %s in the URL of the API",
			r.URL.Host, to, s, http.StatusText(s), to)
	case s == http.StatusUnauthorized:
		out.Reason, out.Message = Unauthorized, said+": it refuses the credentials; renew them in the Secret"
	case s == http.StatusForbidden:
		out.Reason, out.Message = Unauthorized, said+": the credentials do not permit it; give them the permission (scope) to read"
	case s == http.StatusNotFound, s == http.StatusGone:
		out.Reason, out.Message = NotFound, said+": there is nothing at this path; check the URL"
	case s >= 500, s == http.StatusRequestTimeout, s == http.StatusTooEarly, s == http.StatusConflict:
		out.Reason, out.Temporary = Unavailable, true
		out.Message = said + ": it has a problem of its own; requests are repeated"
	case s/100 == 3:
		out.Reason, out.Message = Misconfigured, said+", a redirect without a place; use the URL to which it should lead"
	default:
		out.Reason, out.Message = Misconfigured, said+": it does not understand the request; check its path and its parameters"
	}
	return out
}

// unreachable returns the error of a request without a response. Errors of net/http have the whole URL, which can have a key, so only their cause is used.
func unreachable(ctx context.Context, host string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	var refused *egress.RefusedError
	if errors.As(err, &refused) {
		return &Error{Reason: Misconfigured, Message: refused.Error()}
	}
	var elsewhere *egress.ElsewhereError
	if errors.As(err, &elsewhere) {
		return &Error{Reason: Redirected, Message: fmt.Sprintf("%s: use %s in the URL of the API if that is right", elsewhere, egress.Origin(elsewhere.To))}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &Error{Reason: Unreachable, Temporary: true, Message: host + " did not answer in time"}
	}
	return &Error{Reason: Unreachable, Temporary: true, Message: fmt.Sprintf("%s cannot be reached: %s", host, cause(err)), Cause: err}
}

// cause describes an error of net/http. Some quote what the API sent, such as the place of a redirect, which can repeat the key, or a document.
func cause(err error) string {
	text := err.Error()
	switch {
	case strings.Contains(text, "Location header"):
		return "it redirects to an invalid URL"
	case strings.Contains(text, "malformed"), strings.Contains(text, "transport connection broken"):
		return "its answer is not valid HTTP"
	}
	return text
}

// Exhausted returns the pause until the API accepts requests again, if a response says that it was the last one for now: X-RateLimit-Remaining (or
// RateLimit-Remaining) is 0, and the header with -Reset has seconds from now, or the time in seconds or milliseconds since 1970. It is 0 otherwise.
func Exhausted(h http.Header, now time.Time) time.Duration {
	for _, prefix := range []string{"X-RateLimit-", "RateLimit-", "X-Rate-Limit-"} {
		if strings.TrimSpace(h.Get(prefix+"Remaining")) != "0" {
			continue
		}
		reset, err := strconv.ParseInt(strings.TrimSpace(h.Get(prefix+"Reset")), 10, 64)
		if err != nil || reset < 0 {
			continue
		}
		switch {
		case reset < 1e9:
			return time.Duration(min(reset, int64(MaxWait/time.Second))) * time.Second
		case reset > 1e11:
			return min(max(0, time.UnixMilli(reset).Sub(now)), MaxWait)
		}
		return min(max(0, time.Unix(reset, 0).Sub(now)), MaxWait)
	}
	return 0
}

// RetryAfter returns the pause that a response asks for, in seconds or as a date; false if it asks for none, or in another form.
func RetryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text == "" {
		return 0, false
	}
	// Some APIs send fractions.
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		if math.IsNaN(seconds) || seconds < 0 {
			return 0, false
		}
		return time.Duration(min(seconds, MaxWait.Seconds()) * float64(time.Second)), true
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	return min(max(0, at.Sub(now)), MaxWait), true
}
