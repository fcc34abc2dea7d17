// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"cmp"
	"slices"
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// slow computes the same numbers in another way, only from the names, identifiers and times that are sent. It does not use the tags of the world,
// tries every chain of events, and follows the documented rules of identity.
type slow struct {
	q      Question
	events []*world.Event
	parent map[string]string
}

// slowStage returns the stage of an event in the sample map, by its name and source.
func slowStage(e *world.Event) int {
	switch {
	case e.Kind != world.Track:
	case e.Name == "Ad Clicked", e.Name == "Product List Viewed", e.Name == "Email Opened" && e.Source == world.CRM:
		return 0
	case e.Name == "Product Viewed", e.Name == "Email Link Clicked" && e.Source == world.CRM:
		return 1
	case e.Name == "Product Added", e.Name == "Checkout Started":
		return 2
	case e.Name == "Order Completed" && slices.Contains([]world.Source{world.Web, world.Orders, world.Tills, world.TillHistory}, e.Source):
		return 3
	case e.Name == "Live Chat Conversation Started" && e.Source == world.Support, e.Name == "Survey Responded" && e.Source == world.Surveys:
		return 4
	}
	return -1
}

// slowIDs returns the identities of an event, the strongest first.
func slowIDs(e *world.Event) []string {
	var ids []string
	for _, id := range []struct{ typ, value string }{
		{"0customerId", e.Identities.CustomerID}, {"1loyaltyId", e.Identities.LoyaltyID}, {"2email", e.Identities.Email},
		{"3phone", e.Identities.Phone}, {"4deviceId", e.Identities.DeviceID}, {"5anonymousId", e.Identities.AnonymousID},
	} {
		if id.value != "" {
			ids = append(ids, id.typ+":"+id.value)
		}
	}
	return ids
}

func newSlow(q Question, all []world.Event) *slow {
	s := &slow{q: q, parent: map[string]string{}}
	ordered := slices.Clone(all)
	slices.SortStableFunc(ordered, func(a, b world.Event) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.ID, b.ID)) })
	links := map[string]map[string]bool{}
	for i := range ordered {
		ids := slowIDs(&ordered[i])
		for _, weak := range ids[1:] {
			if links[weak] == nil {
				links[weak] = map[string]bool{}
			}
			links[weak][ids[0]] = true
		}
	}
	for i := range ordered {
		e := &ordered[i]
		ids := slowIDs(e)
		for _, weak := range ids[1:] {
			if !isHub(weak, links[weak]) && !isHub(ids[0], links[ids[0]]) {
				s.join(ids[0], weak)
			}
		}
		excluded := e.Robot || e.Test
		if !excluded && !e.Time.After(q.AsOf) {
			s.events = append(s.events, e)
		}
	}
	return s
}

func isHub(id string, stronger map[string]bool) bool {
	limit := map[byte]int{'2': 2, '3': 2, '4': 3, '5': 3}[id[0]]
	byType := map[byte]int{}
	for other := range stronger {
		byType[other[0]]++
	}
	for _, n := range byType {
		if limit > 0 && n > limit {
			return true
		}
	}
	return false
}

func (s *slow) find(id string) string {
	for s.parent[id] != "" {
		id = s.parent[id]
	}
	return id
}

// join merges two persons, unless both have an account. The smaller name stays, so the name of a person with an account is the account.
func (s *slow) join(a, b string) {
	a, b = s.find(a), s.find(b)
	if a == b || a[0] == '0' && b[0] == '0' {
		return
	}
	if b < a {
		a, b = b, a
	}
	s.parent[b] = a
}

func (s *slow) people() map[string][]*world.Event {
	out := map[string][]*world.Event{}
	for _, e := range s.events {
		who := s.find(slowIDs(e)[0])
		out[who] = append(out[who], e)
	}
	return out
}

// chains tries every continuation of the events so far, and returns the longest chain that ends at the earliest times.
func (s *slow) chains(events []*world.Event, so []*world.Event, end time.Time) []*world.Event {
	best := so
	for _, e := range events {
		last := so[len(so)-1]
		if slowStage(e) != len(so) || e.Time.Before(last.Time) || e.Time.After(end) || e.Time.After(s.q.AsOf) {
			continue
		}
		longer := s.chains(events, append(slices.Clone(so), e), end)
		if better(longer, best) {
			best = longer
		}
	}
	return best
}

func better(a, b []*world.Event) bool {
	if len(a) != len(b) {
		return len(a) > len(b)
	}
	for i := len(a) - 1; i >= 0; i-- {
		if !a[i].Time.Equal(b[i].Time) {
			return a[i].Time.Before(b[i].Time)
		}
	}
	return false
}

// attempt returns the deepest attempt that starts between two times. from is included; the flag sets whether to is.
func (s *slow) attempt(events []*world.Event, begins func(time.Time) bool) []*world.Event {
	var best []*world.Event
	for _, e := range events {
		if slowStage(e) == 0 && begins(e.Time) {
			run := s.chains(events, []*world.Event{e}, e.Time.Add(s.q.Window))
			if len(run) > len(best) || len(run) == len(best) && run[0].Time.Before(best[0].Time) {
				best = run
			}
		}
	}
	return best
}

// sorted sorts the times, like finish for the medians.
func sorted(r *Report) *Report {
	for i := range r.times {
		slices.Sort(r.times[i])
	}
	return r
}
