// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// stitchingCase is a case of devices on which customers log in.
type stitchingCase struct {
	Events []struct {
		N        int       `json:"n"`
		Time     time.Time `json:"time"`
		DeviceID string    `json:"device_id"`
		LoginID  string    `json:"login_id"`
	} `json:"events"`
	Query struct {
		Mode  string `json:"mode"`
		Erase string `json:"erase"`
	} `json:"query"`
}

// runStitching asks whom each event belongs to: as of its own arrival (live), with all that is known in the end (replay), or after the customer was
// erased.
func runStitching(ctx context.Context, w *world, c *Case) (found Disagreements, err error) {
	var s stitchingCase
	var want struct {
		PersonOf map[string]string `json:"person_of"`
		People   *int              `json:"people"`
		Devices  *int              `json:"devices"`
	}
	if err := errors.Join(json.Unmarshal(c.Raw, &s), json.Unmarshal(c.Expected, &want)); err != nil {
		return nil, err
	}
	got, err := s.personOf(ctx, w)
	if err != nil {
		return nil, err
	}
	for n, name := range want.PersonOf {
		found.equal("person of event "+n, name, got[n])
	}
	if want.People != nil {
		people := map[string]bool{}
		for _, name := range got {
			people[name] = true
		}
		found.equal("number of people", *want.People, len(people))
	}
	if want.Devices != nil {
		devices := map[string]bool{}
		for _, e := range s.Events {
			devices[e.DeviceID] = true
		}
		found.equal("number of devices", *want.Devices, len(devices))
	}
	return found, nil
}

// personOf stores the events, one commit each, and asks for their persons as the mode wants it.
func (s *stitchingCase) personOf(ctx context.Context, w *world) (map[string]string, error) {
	names, live := map[uint64]string{}, map[string]string{}
	for i := range s.Events {
		out := s.event(i)
		for _, id := range out.Identities {
			names[uint64(id.Anchor())] = id.Value
		}
		if err := w.append(ctx, out); err != nil {
			return nil, err
		}
		if s.Query.Mode == "live" {
			now, err := w.personOf(ctx, names)
			if err != nil {
				return nil, err
			}
			n := strconv.Itoa(s.Events[i].N)
			live[n] = now[n]
		}
	}
	switch s.Query.Mode {
	case "live":
		return live, nil
	case "replay":
		return w.personOf(ctx, names)
	case "after_erasure":
		return s.erase(ctx, w, names)
	}
	return nil, errors.New("mode " + s.Query.Mode)
}

func (s *stitchingCase) event(i int) event.Event {
	e := &s.Events[i]
	out := event.Event{
		ID: fmt.Sprint("event-", i), Source: sourceName, Channel: "web", Name: "Seen", Time: e.Time.UnixMicro(), ReceivedAt: e.Time.UnixMicro(),
		Identities: []event.Identity{{Type: "deviceId", Value: e.DeviceID}}, Properties: object(map[string]any{"n": e.N}),
	}
	if e.LoginID != "" {
		out.Identities = append(out.Identities, event.Identity{Type: typeOfCustomers, Value: e.LoginID})
	}
	return out
}

// erase erases the customer whom the case names, or else the one who logged in most often. Here a person is erased whole, with the events
// of his devices; docs/identity.md says why.
func (s *stitchingCase) erase(ctx context.Context, w *world, names map[uint64]string) (map[string]string, error) {
	login := s.Query.Erase
	if login == "" {
		times := map[string]int{}
		for _, e := range s.Events {
			if e.LoginID != "" {
				times[e.LoginID]++
			}
		}
		for _, id := range slices.Sorted(maps.Keys(times)) {
			if login == "" || times[id] > times[login] {
				login = id
			}
		}
	}
	if login != "" {
		if _, err := w.store.Erase(ctx, event.Identity{Type: typeOfCustomers, Value: login}); err != nil {
			return nil, err
		}
	}
	return w.personOf(ctx, names)
}

// personOf names the person of each event by its strongest identity.
func (w *world) personOf(ctx context.Context, names map[uint64]string) (map[string]string, error) {
	out := map[string]string{}
	err := w.scan(ctx, store.ScanRequest{}, func(r *rowGot) error {
		var properties struct {
			N int `json:"n"`
		}
		if err := json.Unmarshal([]byte(r.properties), &properties); err != nil {
			return err
		}
		out[strconv.Itoa(properties.N)] = names[r.person]
		return nil
	})
	return out, err
}
