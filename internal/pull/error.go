// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package pull

import "errors"

// Reasons why a source cannot be read. They are stable, because status and metrics contain them.
const (
	// Unreachable: no connection, or no answer. It usually ends by itself.
	Unreachable = "Unreachable"
	// Unauthorized: the credentials or the certificate are refused, or do not allow reading.
	Unauthorized = "Unauthorized"
	// NotFound: the topic, queue, bucket, table or path does not exist.
	NotFound = "NotFound"
	// Misconfigured: the source answers, but the settings do not fit it.
	Misconfigured = "Misconfigured"
	// Replaced: another reader moves the same cursors, so this one stores nothing.
	Replaced = "Replaced"
	// StoreUnavailable: documents were read, and the store does not accept them now. They wait.
	StoreUnavailable = "StoreUnavailable"
	// Failed: anything else.
	Failed = "Failed"
)

// Error is why a source cannot be read, in the words of users.
type Error struct {
	// Reason is one of the constants of this package.
	Reason string
	// Message says what is wrong and what to do. It contains no secrets and nothing of documents.
	Message string
	// Cause for the log; it can be nil. It must not contain secrets.
	Cause error
}

// Error implements error.
func (e *Error) Error() string {
	if e.Cause == nil {
		return e.Message
	}
	return e.Message + ": " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// ReasonOf returns the reason and the message of an error; Failed and its text for one that is no *Error.
func ReasonOf(err error) (reason, message string) {
	var e *Error
	if errors.As(err, &e) {
		return e.Reason, e.Message
	}
	return Failed, err.Error()
}
