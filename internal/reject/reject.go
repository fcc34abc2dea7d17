// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package reject defines the reasons for refusing data of a sender, and the type of a refusal, which is used in the response, the counters and the
// status of the source. Messages never contain sent values, because they are shown in status and logs, which must not contain secrets and identifiers
// of people.
package reject

import "net/http"

// Reasons for refusing. They are stable, because status, metrics and documentation contain them.
const (
	BadSignature         = "bad-signature"
	MissingSignature     = "missing-signature"
	StaleTimestamp       = "stale-timestamp"
	BadToken             = "bad-token"
	WrongAccount         = "wrong-account"
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
	Missed               = "missed"
	StoreRefused         = "store-refused"
	RecordUnread         = "record-unread"
	BadRecord            = "bad-record"
	BadFile              = "bad-file"
)

// statuses of requests that are refused as a whole; 400 for the others.
var statuses = map[string]int{
	BadSignature:         http.StatusUnauthorized,
	MissingSignature:     http.StatusUnauthorized,
	StaleTimestamp:       http.StatusUnauthorized,
	BadToken:             http.StatusUnauthorized,
	WrongAccount:         http.StatusForbidden,
	UnsupportedMediaType: http.StatusUnsupportedMediaType,
	BodyTooLarge:         http.StatusRequestEntityTooLarge,
	HeadersTooLarge:      http.StatusRequestHeaderFieldsTooLarge,
	TooManyEvents:        http.StatusRequestEntityTooLarge,
	RateLimited:          http.StatusTooManyRequests,
	Unfinished:           http.StatusRequestTimeout,
	SecretMissing:        http.StatusServiceUnavailable,
	Suspended:            http.StatusServiceUnavailable,
	NewIdentities:        http.StatusServiceUnavailable,
	RecordUnread:         http.StatusServiceUnavailable,
}

// All returns every reason, in the order of the list above.
func All() []string {
	return []string{
		BadSignature, MissingSignature, StaleTimestamp, BadToken, WrongAccount, UnsupportedMediaType, BodyTooLarge, HeadersTooLarge, BadJSON, TooDeep,
		TooManyEvents, Unmapped, MappingError, MissingIdentity, BadTime, MissingEventName, MissingID, BadAmount, FieldTooLong,
		RateLimited, Unfinished, SecretMissing, Suspended, NewIdentities, BadRow, UnknownSource, Missed, StoreRefused, RecordUnread,
		BadRecord, BadFile,
	}
}

// Unauthorized reports whether a request refused for the reason was not authenticated. Anybody can send such requests, so they are counted separately
// from the events of the source.
func Unauthorized(reason string) bool { return statuses[reason] == http.StatusUnauthorized }

// Rejection is the reason why one event, or a whole request, was refused.
type Rejection struct {
	// Reason is one of the constants of this package.
	Reason string `json:"reason"`
	// Field that is invalid, such as "timestamp" or "mapping[0].event.time"; empty if it is the request as a whole.
	Field string `json:"field,omitempty"`
	// Message describes what is wrong and what is expected. It contains no sent values.
	Message string `json:"message"`
}

// New returns a rejection.
func New(reason, field, message string) *Rejection {
	return &Rejection{Reason: reason, Field: field, Message: message}
}

// Error implements error.
func (r *Rejection) Error() string { return r.Reason + ": " + r.Example() }

// Example returns field and message in one text.
func (r *Rejection) Example() string {
	if r.Field == "" {
		return r.Message
	}
	return r.Field + ": " + r.Message
}

// Status returns the HTTP status of a request that is refused as a whole for the reason.
func (r *Rejection) Status() int {
	if s, ok := statuses[r.Reason]; ok {
		return s
	}
	return http.StatusBadRequest
}
