// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// countEntries in a query counts attempts.
const countEntries = "entries"

// Exclusion selects events that must not happen between two steps, counted from 0.
type Exclusion struct {
	Step
	From int `json:"from_step"`
	To   int `json:"to_step"`
}

// entry returns the entry policy. If attempts are counted, the default is the first one, as in the product that counts them.
func (q *funnelQuery) entry() v1alpha1.EntryPolicy {
	if q.Entry == "first" || q.Entry == "" && q.CountBy == countEntries {
		return v1alpha1.FirstEntry
	}
	return v1alpha1.BestEntry
}

// modes maps the modes of ClickHouse to rules of the API. The default of ClickHouse, without strict_once, is a rule here.
var modes = map[string]v1alpha1.CompatRule{
	"strict_order": v1alpha1.StrictOrder, "strict_deduplication": v1alpha1.StrictDeduplication, "strict": v1alpha1.StrictDeduplication,
	"strict_increase": v1alpha1.StrictIncrease, "allow_reentry": v1alpha1.AllowReentry,
}

// rules sets the rules other than order, window and entry.
func (q *funnelQuery) rules(c *Case, p *v1alpha1.Progression) error {
	for _, x := range q.Exclusions {
		match, err := x.matches()
		if err != nil {
			return err
		}
		if x.From < 0 || x.To >= len(q.Steps) {
			return errors.New("an exclusion between steps that are not there")
		}
		p.Exclusions = append(p.Exclusions, v1alpha1.Exclusion{Match: match, After: stepName(x.From), Before: stepName(x.To)})
	}
	// Mixpanel stops at an excluded event. Other products discard the whole attempt.
	if len(q.Exclusions) > 0 && strings.HasPrefix(c.Source, "mixpanel") {
		p.OnExclusion = v1alpha1.StopAttempt
	}
	if q.CountBy == countEntries {
		p.Count = v1alpha1.CountEntries
	}
	if q.GraceS != nil && *q.GraceS > 0 {
		if *q.GraceS != float64(int(*q.GraceS)) {
			return errors.New("a grace of parts of a second")
		}
		p.Grace = v1alpha1.Duration(fmt.Sprintf("%ds", int(*q.GraceS)))
	}
	if c.Kind == "window_funnel" {
		return q.compat(p)
	}
	return nil
}

// compat sets the rules for the modes of windowFunnel.
func (q *funnelQuery) compat(p *v1alpha1.Progression) error {
	for _, mode := range q.Modes {
		rule, ok := modes[mode]
		if !ok && mode != "strict_once" {
			return errors.New("mode " + mode)
		}
		if ok {
			p.Compat = append(p.Compat, rule)
		}
	}
	if !slices.Contains(q.Modes, "strict_once") {
		p.Compat = append(p.Compat, v1alpha1.SharedEvents)
	}
	return nil
}

func stepName(i int) v1alpha1.ItemName { return v1alpha1.ItemName(fmt.Sprint("step-", i)) }

// compareAll compares the shares, which follow from the counts and the number of all customers.
func (want *funnelWant) compareAll(c *Case, found *Disagreements, got *funnelGot) {
	if len(got.counts) == 0 {
		return
	}
	for _, n := range []struct {
		what string
		want *int64
		got  int64
	}{
		{"all persons", want.AllPersons, got.seen}, {"entering", want.Entering, got.counts[0]},
		{"never entering", want.NeverEntering, got.seen - got.counts[0]},
	} {
		if n.want != nil {
			found.equal(n.what, *n.want, n.got)
		}
	}
	for i, step := range want.Steps[:min(len(want.Steps), len(got.counts))] {
		before := got.seen
		if i > 0 {
			before = got.counts[i-1]
		}
		lost, converted := before-got.counts[i], got.counts[i]
		if i == 0 {
			lost = 0
			// For the step before the first one, Retentioneering counts all customers. Plausible counts none.
			if strings.HasPrefix(c.Source, "plausible") {
				converted = 0
			}
		}
		for _, share := range []struct {
			what     string
			want     *float64
			part, of int64
			scale    float64
		}{
			{"share of all", step.ShareOfAll, got.counts[i], got.seen, 1},
			{"conversion from the step before", step.Conversion, converted, before, 1},
			{"conversion from the first step", step.FromFirst, got.counts[i], got.counts[0], 100},
			{"drop-off in percent", step.DropoffPct, lost, before, 100},
		} {
			if share.want != nil {
				found.near(fmt.Sprintf("%s, step %d", share.what, i), *share.want, ratio(share.part, share.of)*share.scale, 0.01)
			}
		}
		if step.Dropoff != nil {
			found.equal(fmt.Sprintf("drop-off of step %d", i), *step.Dropoff, lost)
		}
	}
}

// ratio divides two counts. It is 0 if the divisor is 0.
func ratio(part, of int64) float64 {
	if of == 0 {
		return 0
	}
	return float64(part) / float64(of)
}
