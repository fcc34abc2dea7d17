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
	// Query has a mode and, for an erasure, optionally the login id to erase.
	Query map[string]any `json:"query"`
}

// modeField of a query is live, replay or after_erasure.
const modeField = "mode"

// runStitching compares the person of each event: when it arrived (live), with all events (replay), or after a login id was erased.
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

// personOf stores each event in its own commit, and returns the persons of the events according to the mode.
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
		if s.Query[modeField] == "live" {
			now, err := w.personOf(ctx, names)
			if err != nil {
				return nil, err
			}
			n := strconv.Itoa(s.Events[i].N)
			live[n] = now[n]
		}
	}
	switch mode := s.Query[modeField]; mode {
	case "live":
		return live, nil
	case "replay":
		return w.personOf(ctx, names)
	case "after_erasure":
		return s.erase(ctx, w, names)
	default:
		return nil, fmt.Errorf("mode %v", mode)
	}
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

// erase erases the login ids that the case names or, without one, the one with the most events. It erases only these identities, so that other events
// of the persons remain with the remaining identities.
func (s *stitchingCase) erase(ctx context.Context, w *world, names map[uint64]string) (map[string]string, error) {
	for _, login := range s.erased() {
		if _, err := w.store.EraseIdentity(ctx, event.Identity{Type: typeOfCustomers, Value: login}); err != nil {
			return nil, err
		}
	}
	return w.personOf(ctx, names)
}

// erased returns the login ids to erase. They are in some field of the query, because the description of the cases does not name it.
func (s *stitchingCase) erased() []string {
	times := map[string]int{}
	for _, e := range s.Events {
		if e.LoginID != "" {
			times[e.LoginID]++
		}
	}
	most := ""
	for _, id := range slices.Sorted(maps.Keys(times)) {
		if times[id] > times[most] {
			most = id
		}
	}
	var named []string
	for field, value := range s.Query {
		if field != modeField {
			named = append(named, texts(value)...)
		}
	}
	named = slices.DeleteFunc(named, func(id string) bool { return times[id] == 0 })
	if len(named) == 0 && most != "" {
		named = []string{most}
	}
	slices.Sort(named)
	return slices.Compact(named)
}

// texts returns a string, or the strings of a list.
func texts(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, x := range v {
			all = append(all, texts(x)...)
		}
		return all
	}
	return nil
}

// personOf returns the person of each event by its strongest identity.
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
