// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package channels

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest/eventid"
)

// agreeing is the number of shared samples that agree. Raise it with each transport and preset; it must not fall.
const agreeing = 75

func TestSharedSamples(t *testing.T) {
	root := os.Getenv("JOURNEYMAN_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(root, "payloads")
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no shared samples: %s is absent (set JOURNEYMAN_SHARED)", dir)
	}
	files, err := Files(dir)
	require.NoError(t, err)
	passed := 0
	for _, file := range files {
		r, err := RunFile(t.Context(), t.Output(), file)
		require.NoError(t, err)
		require.Zero(t, r.Failed, "%s: samples differ", r.File)
		passed += r.Passed
	}
	require.GreaterOrEqual(t, passed, agreeing)
}

// own is a sample of this project.
func own() *Sample {
	s := &Sample{Name: "order", Valid: true, Now: time.Date(2026, 11, 21, 10, 15, 10, 0, time.UTC), Secret: json.RawMessage(`"key"`)}
	s.Request = &Request{
		Method: "POST", Path: "/hooks", Headers: map[string]string{"Authorization": "Bearer key", "Content-Type": "application/json"},
		Body: `{"type":"order.completed","id":"o-1","at":"2026-11-21T10:00:00Z","customer":{"id":"c-1"},"amount":"9.90","currency":"EUR"}`,
	}
	e := Event{Event: "Order Completed", Source: "shop", Channel: "web", ID: "o-1", OccurredAt: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)}
	e.Identity = map[string]json.RawMessage{"customerId": json.RawMessage(`"c-1"`)}
	e.Value.Amount, e.Value.Currency = json.RawMessage(`"9.90"`), json.RawMessage(`"EUR"`)
	s.Expect = []Event{e}
	return s
}

func differences(t *testing.T, s *Sample) []string {
	t.Helper()
	found, _, built, err := Run(t.Context(), "webhook.json", s)
	require.NoError(t, err)
	require.True(t, built)
	return found
}

func TestEachDifferenceIsNoticed(t *testing.T) {
	require.Empty(t, differences(t, own()))
	for name, change := range map[string]func(s *Sample){
		"status": func(s *Sample) { s.Respond = &Respond{Status: 202} },
		"header": func(s *Sample) {
			s.Respond = &Respond{Status: 200, Headers: map[string]string{"Content-Type": "text/xml"}}
		},
		"body":     func(s *Sample) { s.Respond = &Respond{Status: 200, Body: json.RawMessage(`"ok"`)} },
		"accepted": func(s *Sample) { s.Valid, s.Expect = false, nil },
		"refused":  func(s *Sample) { s.Secret = json.RawMessage(`"other"`) },
		"name":     func(s *Sample) { s.Expect[0].Event = "Order Updated" },
		"channel":  func(s *Sample) { s.Expect[0].Channel = "pos" },
		"id":       func(s *Sample) { s.Expect[0].ID = "o-2" },
		"time":     func(s *Sample) { s.Expect[0].OccurredAt = s.Now },
		"amount":   func(s *Sample) { s.Expect[0].Value.Amount = json.RawMessage(`"9.91"`) },
		"currency": func(s *Sample) { s.Expect[0].Value.Currency = json.RawMessage(`"USD"`) },
		"identity": func(s *Sample) { s.Expect[0].Identity["email"] = json.RawMessage(`"a@example.test"`) },
		"unnamed":  func(s *Sample) { s.Expect[0].Identity = nil },
		"property": func(s *Sample) { s.Expect[0].Properties = map[string]any{"order_id": "5"} },
		"number":   func(s *Sample) { s.Expect = append(s.Expect, s.Expect[0]) },
	} {
		s := own()
		change(s)
		require.NotEmpty(t, differences(t, s), name)
	}
}

// An insert id is only unique within a person and a day: the event must not have it as it was sent. No event is without an id.
func TestIDsAreComparedOnce(t *testing.T) {
	s := &Sample{Request: &Request{Body: `[{"event":"Visit","properties":{"time":1795256097,"distinct_id":"c-1","$insert_id":"m-1"}}]`}}
	for id, differs := range map[string]bool{eventid.Within("m-1", []string{"Visit", "c-1", "2026-11-21"}): false, "m-1": true, "": true} {
		d := &differ{}
		d.event("event", &Event{ID: "m-1", OccurredAt: time.UnixMicro(0)}, &event.Event{ID: id}, s)
		require.Equal(t, differs, len(d.found) > 0, "%q: %v", id, d.found)
	}
	d := &differ{}
	d.event("event", &Event{OccurredAt: time.UnixMicro(0)}, &event.Event{}, s)
	require.NotEmpty(t, d.found)
}

// The message of a broker is compared after all of it was read: what is missing, twice or not expected is a difference.
func TestTheMessageOfABroker(t *testing.T) {
	const paid = `{"type":"track","event":"Paid","messageId":"m-%s","userId":"c-1","timestamp":"2026-11-21T10:00:00Z"}`
	message := func(value string) json.RawMessage {
		raw, err := json.Marshal(map[string]any{"topic": "orders", "value": value})
		require.NoError(t, err)
		return raw
	}
	one := strings.ReplaceAll(paid, "%s", "1")
	two := `{"type":"batch","batch":[` + one + "," + strings.ReplaceAll(paid, "%s", "2") + `]}`
	for name, c := range map[string]struct {
		value   string
		expect  int
		agrees  bool
		refused bool
	}{
		"the event":            {value: one, expect: 1, agrees: true},
		"another event":        {value: two, expect: 1},
		"no event":             {value: "poison", expect: 1},
		"nothing is expected":  {value: one, refused: true},
		"both of two messages": {value: two, expect: 2, agrees: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := own()
			s.Request, s.Message, s.Expect = nil, message(c.value), nil
			for i := range c.expect {
				s.Expect = append(s.Expect, Event{
					ID: "m-" + strconv.Itoa(i+1), Event: "Paid", Channel: "web", OccurredAt: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC),
					Identity: map[string]json.RawMessage{"customerId": json.RawMessage(`"c-1"`)},
				})
			}
			found, _, built, err := Run(t.Context(), "kafka.json", s)
			require.True(t, built)
			require.Equal(t, c.refused, err != nil, "%v", err)
			if !c.refused {
				require.Equal(t, c.agrees, len(found) == 0, found)
			}
		})
	}
}

func TestASampleWithoutASourceIsNotBuilt(t *testing.T) {
	queued := own()
	queued.Request = nil
	exported := own()
	exported.Direction = "out"
	for file, s := range map[string]*Sample{"webhook.json": queued, "cloudevents.json": exported, "nobody.json": own()} {
		_, _, built, err := Run(t.Context(), file, s)
		require.NoError(t, err)
		require.False(t, built, file)
	}
}
