// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package event

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of an event's fields. Ingestion refuses events beyond them with a reason; a store refuses the batch.
const (
	// MaxTextBytes is the length of a name, an id, a value of an identity and every other text.
	MaxTextBytes = 2048
	// MaxJSONBytes is the length of each of the JSON fields.
	MaxJSONBytes = 1 << 20
	// MaxIdentities is the number of identities of an event.
	MaxIdentities = 32
	// MinTime and MaxTime limit all times, in microseconds: the years 1 to 9999.
	MinTime int64 = -62_135_596_800_000_000
	MaxTime int64 = 253_402_300_799_999_999
)

var errNUL = errors.New("has a NUL character, or is not UTF-8")

// Validate returns an error that names the first invalid field, or nil.
func (e *Event) Validate() error {
	for _, check := range []func() error{e.validateTexts, e.validateIdentities, e.validateNumbers, e.validateJSON} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (e *Event) validateTexts() error {
	texts := [...]struct{ name, value string }{
		{"id", e.ID}, {"source", e.Source}, {"channel", e.Channel}, {"event", e.Name}, {"sessionId", e.SessionID},
		{"orderId", e.OrderID}, {"currency", e.Currency}, {"surveyKind", e.Survey.Kind},
	}
	for _, t := range texts {
		if err := validText(t.value); err != nil {
			return fmt.Errorf("%s %w", t.name, err)
		}
	}
	if e.ID == "" || e.Source == "" {
		return errors.New("id and source must not be empty")
	}
	return nil
}

func validText(s string) error {
	if len(s) > MaxTextBytes {
		return fmt.Errorf("has %d bytes, over %d", len(s), MaxTextBytes)
	}
	if strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s) {
		return errNUL
	}
	return nil
}

func (e *Event) validateIdentities() error {
	unidentified := e.Flags&FlagUnidentified != 0
	switch {
	case len(e.Identities) > MaxIdentities, len(e.Identities) == 0 && !unidentified:
		return fmt.Errorf("identities: %d given, 1 to %d are allowed", len(e.Identities), MaxIdentities)
	case len(e.Identities) > 0 && unidentified:
		return errors.New("identities: the event has the flag for events without identities")
	case unidentified && e.Kind != Track:
		return errors.New("identities: only an event of kind track may have none")
	}
	for _, id := range e.Identities {
		if id.Type == "" || id.Value == "" {
			return errors.New("identities: type and value must not be empty")
		}
		if err := errors.Join(validText(id.Type), validText(id.Value)); err != nil {
			return fmt.Errorf("identities: type or value %w", err)
		}
	}
	return nil
}

func (e *Event) validateNumbers() error {
	switch {
	case e.Kind > System:
		return fmt.Errorf("kind %d is unknown", e.Kind)
	case e.Initiator > Machine:
		return fmt.Errorf("initiator %d is unknown", e.Initiator)
	case e.TimeSource > TimeFromReceipt:
		return fmt.Errorf("timeSource %d is unknown", e.TimeSource)
	case e.Time < MinTime || e.Time > MaxTime:
		return fmt.Errorf("time %d is not in the years 1 to 9999", e.Time)
	case e.ReceivedAt < MinTime || e.ReceivedAt > MaxTime:
		return fmt.Errorf("receivedAt %d is not in the years 1 to 9999", e.ReceivedAt)
	}
	return nil
}

func (e *Event) validateJSON() error {
	fields := [...]struct {
		name  string
		value json.RawMessage
		open  byte
	}{{"traits", e.Traits, '{'}, {"groups", e.Groups, '{'}, {"items", e.Items, '['}, {"properties", e.Properties, '{'}}
	for _, f := range fields {
		switch {
		case len(f.value) == 0:
		case len(f.value) > MaxJSONBytes:
			return fmt.Errorf("%s has %d bytes, over %d", f.name, len(f.value), MaxJSONBytes)
		case f.value[0] != f.open || !json.Valid(f.value) || !utf8.Valid(f.value):
			return fmt.Errorf("%s is not a JSON value that begins with %q", f.name, f.open)
		}
	}
	return nil
}
