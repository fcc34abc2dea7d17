// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/privacy"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Maximum lengths of an event's fields, in bytes.
const (
	maxID         = 256
	maxName       = 128
	maxText       = 256
	maxProperties = 32 << 10
	maxTraits     = 16 << 10
	maxItems      = 64 << 10
	maxGroups     = 4 << 10
	maxIdentities = 16
)

var currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)

// finisher converts events to the form in which they are stored.
type finisher struct {
	snapshot   *Snapshot
	receivedAt time.Time
	// placeholders counts the identifiers that were left out because they are placeholders. nothings counts those of orders, sessions and groups among
	// them, by field.
	placeholders int64
	nothings     map[string]int64
	// ignored is called with identities that are not used; nil if nobody observes.
	ignored func(id event.Identity, placeholder bool)
}

// finish completes e, or returns what is wrong with it. The result is normalised, hashed if the policy requires it, without dropped fields, and
// within the limits.
func (f *finisher) finish(e *event.Event) *reject.Rejection {
	c := f.snapshot.Config
	e.Source, e.MappingGeneration, e.ReceivedAt = c.Name, c.Generation, f.receivedAt.UnixMicro()
	if e.Time > e.ReceivedAt+event.MaxAhead {
		e.Flags |= event.FlagFuture
	}
	if e.Channel == "" {
		e.Channel = string(c.Source.Channel)
	}
	e.ID, e.Name = value.Clean(e.ID), value.Clean(e.Name)
	e.SessionID, e.OrderID = value.Clean(e.SessionID), value.Clean(e.OrderID)
	e.Currency = strings.ToUpper(strings.TrimSpace(e.Currency))
	e.NormalizeAmount()
	f.withoutNothings(e)
	for _, check := range []func(*event.Event) *reject.Rejection{checkTexts, checkForms, checkSizes, f.people} {
		if r := check(e); r != nil {
			return r
		}
	}
	return nil
}

// isName reports whether a name starts with a lowercase letter and has at most 32 permitted characters. It is called for each event and identity.
func isName(s string, isOf func(c byte) bool) bool {
	if len(s) == 0 || len(s) > 32 || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for i := range len(s) {
		if !isOf(s[i]) {
			return false
		}
	}
	return true
}

func isOfChannel(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' }

func isOfType(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

func tooLong(field string, limit int) *reject.Rejection {
	return reject.New(reject.FieldTooLong, field, fmt.Sprintf("the field has more than %d bytes", limit))
}

// sized is a field with its length and its maximum length, in bytes.
type sized struct {
	field       string
	bytes, most int
}

// checkLengths refuses the first field that is too long.
func checkLengths(fields ...sized) *reject.Rejection {
	for _, f := range fields {
		if f.bytes > f.most {
			return tooLong(f.field, f.most)
		}
	}
	return nil
}

func checkTexts(e *event.Event) *reject.Rejection {
	switch {
	case e.Name == "":
		return reject.New(reject.MissingEventName, "event", "the event has no name")
	case e.ID == "":
		return reject.New(reject.MissingID, "id", "the event has no id")
	}
	return checkLengths(sized{"event", len(e.Name), maxName}, sized{"id", len(e.ID), maxID},
		sized{"sessionId", len(e.SessionID), maxText}, sized{"orderId", len(e.OrderID), maxText})
}

func checkForms(e *event.Event) *reject.Rejection {
	switch {
	case !isName(e.Channel, isOfChannel):
		return reject.New(reject.MappingError, "channel",
			"a channel has lowercase letters, digits and dashes, at most 32 characters")
	case e.Currency != "" && !currencyForm.MatchString(e.Currency):
		return reject.New(reject.BadAmount, "currency", "a currency is three letters of ISO 4217, such as EUR")
	}
	return nil
}

func checkSizes(e *event.Event) *reject.Rejection {
	return checkJSON(e, maxProperties, maxTraits, maxItems, maxGroups)
}

func checkJSON(e *event.Event, properties, traits, items, groups int) *reject.Rejection {
	return checkLengths(sized{"properties", len(e.Properties), properties}, sized{"traits", len(e.Traits), traits},
		sized{"products", len(e.Items), items}, sized{"groups", len(e.Groups), groups})
}

// people normalises and hashes the identities, and cleans the fields that can repeat them.
func (f *finisher) people(e *event.Event) *reject.Rejection {
	h := f.snapshot.Hasher
	scrubber := h.NewScrubber()
	if len(e.Identities) > maxIdentities {
		return reject.New(reject.FieldTooLong, "identities", fmt.Sprintf("the event has more than %d identities", maxIdentities))
	}
	out := make([]event.Identity, 0, len(e.Identities)+1)
	kept := 0
	for _, i := range e.Identities {
		if !isName(i.Type, isOfType) {
			return reject.New(reject.MappingError, "identities", "the type of an identity has an invalid name")
		}
		if len(i.Value) > privacy.MaxIdentity {
			return tooLong("identities."+i.Type, privacy.MaxIdentity)
		}
		if f.snapshot.nobody.Has(i.Type, i.Value) {
			f.placeholders++
			f.ignore(i, true)
			continue
		}
		n, ok := privacy.NormalizeSomebody(i.Type, i.Value)
		if !ok {
			f.ignore(i, false)
			scrubber.Know(i.Type, i.Value, value.Clean(i.Value))
			continue
		}
		kept++
		scrubber.Know(i.Type, i.Value, n)
		out = h.Identities(out, i.Type, n)
	}
	if kept == 0 {
		if !f.keepsUnidentified(e) {
			return reject.New(reject.MissingIdentity, "identities",
				"no usable identity: each one is missing, empty, a placeholder, or not a valid e-mail address or phone number with country code")
		}
		e.Flags |= event.FlagUnidentified
	}
	if e.Kind == event.Alias && kept < 2 {
		return reject.New(reject.MissingIdentity, "previousId", "an alias needs two usable identities to join")
	}
	e.Identities = out
	e.Normalize()
	f.clean(e, scrubber)
	return checkGrown(e)
}

func (f *finisher) ignore(id event.Identity, placeholder bool) {
	if f.ignored != nil {
		f.ignored(id, placeholder)
	}
}

// keepsUnidentified reports whether an event without identities is kept. An identify or alias call without identities is useless.
func (f *finisher) keepsUnidentified(e *event.Event) bool {
	return e.Kind == event.Track && f.snapshot.Config.Source.Unidentified == v1alpha1.KeepUnidentified
}

// clean removes the identifiers from everything that is not an identity. Amounts, times and the kind of a survey cannot contain any.
func (f *finisher) clean(e *event.Event, s *privacy.Scrubber) {
	drop, values := &f.snapshot.Drop, (*privacy.Scrubber).Value
	cleanFields(s, []jsonField{
		{raw: &e.Properties, drop: drop.properties, scrub: values}, {raw: &e.Traits, drop: drop.traits, scrub: values},
		{raw: &e.Items, scrub: values}, {raw: &e.Groups, scrub: (*privacy.Scrubber).IDs},
	})
	e.ID, e.SessionID, e.OrderID = s.ID(e.ID), s.ID(e.SessionID), s.ID(e.OrderID)
	e.Name = s.Name(e.Name)
	if s.Name(e.Channel) != e.Channel {
		e.Channel = string(f.snapshot.Config.Source.Channel)
	}
}

// checkGrown refuses what the store would refuse: a hash is longer than a short identifier, and a field can have thousands of them.
func checkGrown(e *event.Event) *reject.Rejection {
	return checkJSON(e, event.MaxJSONBytes, event.MaxJSONBytes, event.MaxJSONBytes, event.MaxJSONBytes)
}
