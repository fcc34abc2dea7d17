// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package event_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
)

func identities(n int) []event.Identity {
	out := make([]event.Identity, n)
	for i := range out {
		out[i] = event.Identity{Type: "email", Value: fmt.Sprint(i)}
	}
	return out
}

// document returns a document of n bytes.
func document(n int) json.RawMessage {
	return json.RawMessage(`{"a":"` + strings.Repeat("x", n-len(`{"a":""}`)) + `"}`)
}

// A value at its limit is accepted. A larger value is refused with the name of the field.
func TestValidateLimits(t *testing.T) {
	longest := strings.Repeat("x", event.MaxTextBytes)
	for name, tt := range map[string]struct {
		change func(*event.Event)
		want   string
	}{
		"longest text":           {func(e *event.Event) { e.Name = longest }, ""},
		"text over it":           {func(e *event.Event) { e.OrderID = longest + "x" }, "orderId has 2049 bytes, over 2048"},
		"longest type and value": {func(e *event.Event) { e.Identities[0] = event.Identity{Type: longest, Value: longest} }, ""},
		"type over it":           {func(e *event.Event) { e.Identities[0].Type = longest + "x" }, "identities: type or value has 2049 bytes"},
		"value over it":          {func(e *event.Event) { e.Identities[0].Value = longest + "x" }, "identities: type or value has 2049 bytes"},
		"NUL at the beginning":   {func(e *event.Event) { e.Survey.Kind = "\x00a" }, "surveyKind has a NUL"},
		"no source":              {func(e *event.Event) { e.Source = "" }, "id and source must not be empty"},
		"no type":                {func(e *event.Event) { e.Identities[1].Type = "" }, "type and value must not be empty"},
		"most identities":        {func(e *event.Event) { e.Identities = identities(32) }, ""},
		"one more":               {func(e *event.Event) { e.Identities = identities(33) }, "identities: 33 given, 1 to 32 are allowed"},
		"unidentified, with an identity": {func(e *event.Event) { e.Kind, e.Flags = event.Track, event.FlagUnidentified },
			"the event has the flag for events without identities"},
		"unidentified": {func(e *event.Event) { e.Kind, e.Flags, e.Identities = event.Track, event.FlagUnidentified, nil }, ""},
		"an unidentified alias": {func(e *event.Event) { e.Kind, e.Flags, e.Identities = event.Alias, event.FlagUnidentified, nil },
			"only an event of kind track may have none"},
		"last kind":           {func(e *event.Event) { e.Kind = event.System }, ""},
		"kind after it":       {func(e *event.Event) { e.Kind = event.System + 1 }, "kind 4 is unknown"},
		"last initiator":      {func(e *event.Event) { e.Initiator = event.Machine }, ""},
		"last clock":          {func(e *event.Event) { e.TimeSource = event.TimeFromReceipt }, ""},
		"clock after it":      {func(e *event.Event) { e.TimeSource = event.TimeFromReceipt + 1 }, "timeSource 3 is unknown"},
		"first times":         {func(e *event.Event) { e.Time, e.ReceivedAt = event.MinTime, event.MinTime }, ""},
		"last times":          {func(e *event.Event) { e.Time, e.ReceivedAt = event.MaxTime, event.MaxTime }, ""},
		"time before":         {func(e *event.Event) { e.Time = event.MinTime - 1 }, "time -62135596800000001 is not in the years"},
		"receipt before":      {func(e *event.Event) { e.ReceivedAt = event.MinTime - 1 }, "receivedAt -62135596800000001"},
		"receipt after":       {func(e *event.Event) { e.ReceivedAt = event.MaxTime + 1 }, "receivedAt 253402300800000000"},
		"longest document":    {func(e *event.Event) { e.Properties = document(1 << 20) }, ""},
		"document over it":    {func(e *event.Event) { e.Groups = document(1<<20 + 1) }, "groups has 1048577 bytes, over 1048576"},
		"object of items":     {func(e *event.Event) { e.Items = json.RawMessage(`{}`) }, "items is not a JSON value that begins with '['"},
		"document in Latin-1": {func(e *event.Event) { e.Traits = json.RawMessage("{\"a\":\"\xe4\"}") }, "traits is not a JSON value"},
	} {
		t.Run(name, func(t *testing.T) {
			e := sample()
			tt.change(&e)
			if err := e.Validate(); tt.want == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, tt.want)
			}
		})
	}
}
