// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package reject names the reasons for refusing what a sender sent, and is the form in which a refusal travels
// from the place that noticed it to the answer, the counters and the status of the source. Messages never
// repeat a value that was sent: they end up in status and logs, where secrets and people's identifiers have no business.
package reject

import "net/http"

// Reasons for refusing. They are stable: status, metrics and documentation name them.
const (
	BadSignature         = "bad-signature"
	MissingSignature     = "missing-signature"
	StaleTimestamp       = "stale-timestamp"
	BadToken             = "bad-token"
	UnsupportedMediaType = "unsupported-media-type"
	BodyTooLarge         = "body-too-large"
	HeadersTooLarge      = "headers-too-large"
	BadJSON              = "bad-json"
	TooDeep              = "too-deep"
	TooManyEvents        = "too-many-events"
	Unmapped             = "unmapped"
	MappingError         = "mapping-error"
	MissingIdentity      = "missing-identity"
	BadTime              = "bad-time"
	MissingEventName     = "missing-event-name"
	MissingID            = "missing-id"
	BadAmount            = "bad-amount"
	FieldTooLong         = "field-too-long"
	RateLimited          = "rate-limited"
	Unfinished           = "unfinished"
	SecretMissing        = "secret-missing"
	Suspended            = "suspended"
	NewIdentities        = "new-identities"
	BadRow               = "bad-row"
	UnknownSource        = "unknown-source"
)

// statuses of requests that are refused as a whole; 400 for the others.
var statuses = map[string]int{
	BadSignature:         http.StatusUnauthorized,
	MissingSignature:     http.StatusUnauthorized,
	StaleTimestamp:       http.StatusUnauthorized,
	BadToken:             http.StatusUnauthorized,
	UnsupportedMediaType: http.StatusUnsupportedMediaType,
	BodyTooLarge:         http.StatusRequestEntityTooLarge,
	HeadersTooLarge:      http.StatusRequestHeaderFieldsTooLarge,
	TooManyEvents:        http.StatusRequestEntityTooLarge,
	RateLimited:          http.StatusTooManyRequests,
	Unfinished:           http.StatusRequestTimeout,
	SecretMissing:        http.StatusServiceUnavailable,
	Suspended:            http.StatusServiceUnavailable,
	NewIdentities:        http.StatusServiceUnavailable,
}

// All returns every reason, in the order of the list above.
func All() []string {
	return []string{
		BadSignature, MissingSignature, StaleTimestamp, BadToken, UnsupportedMediaType, BodyTooLarge, HeadersTooLarge, BadJSON, TooDeep,
		TooManyEvents, Unmapped, MappingError, MissingIdentity, BadTime, MissingEventName, MissingID, BadAmount, FieldTooLong,
		RateLimited, Unfinished, SecretMissing, Suspended, NewIdentities, BadRow, UnknownSource,
	}
}

// Unauthorized reports whether a request refused for the reason is one whose sender was not recognised. Anybody can send such requests: they are
// counted apart, and say nothing of the events of the source.
func Unauthorized(reason string) bool { return statuses[reason] == http.StatusUnauthorized }

// Rejection says why one event, or a whole request, was refused.
type Rejection struct {
	// Reason is one of the constants of this package.
	Reason string `json:"reason"`
	// Field that is wrong, such as "timestamp" or "mapping[0].event.time"; empty when it is the request as such.
	Field string `json:"field,omitempty"`
	// Message says what was wrong and what is expected. It repeats no value that was sent.
	Message string `json:"message"`
}

// New makes a rejection.
func New(reason, field, message string) *Rejection {
	return &Rejection{Reason: reason, Field: field, Message: message}
}

// Error makes a rejection an error.
func (r *Rejection) Error() string { return r.Reason + ": " + r.Example() }

// Example is field and message in one text.
func (r *Rejection) Example() string {
	if r.Field == "" {
		return r.Message
	}
	return r.Field + ": " + r.Message
}

// Status is the HTTP status of a request that is refused for the reason as a whole.
func (r *Rejection) Status() int {
	if s, ok := statuses[r.Reason]; ok {
		return s
	}
	return http.StatusBadRequest
}
