// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package messages explains why a result has no mature numbers, and what to do about it.
package messages

import (
	"fmt"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/internal/journey/number"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Facts are the facts about a result that a note explains.
type Facts struct {
	// Customers is the number with a mature attempt, Young the number with one in progress.
	Customers, Young int64
	// Before and After are the numbers of those who entered outside the time. Before is known only if HistoryRead is set.
	Before, After int64
	HistoryRead   bool
	// From and To limit the entries of mature attempts. AsOf is the time of analysis.
	From, To, AsOf time.Time
	// FirstYoung is the first entry of those in progress, NewestBefore the last entry of those in Before.
	FirstYoung, NewestBefore time.Time
	// Window of an attempt.
	Window time.Duration
	// Range is set if the spec has a range instead of a lookback.
	Range bool
	// Oversized is the number of people who are not counted because they have more than MostEvents events.
	Oversized, MostEvents int64
	// Crowded is the number of people with more than MostEvents events of public sources. The excess events are not counted.
	Crowded int64
	// Apart is a stage whose customers, ApartReach, have no event of an earlier stage; empty for none.
	Apart      string
	ApartReach int64
}

// Note explains why there are no numbers of mature attempts, who is not counted, and which identifiers do not match. It is empty if there is nothing
// to explain.
func Note(f *Facts) string {
	parts := []string{empty(f)}
	if f.Apart != "" {
		parts = append(parts, fmt.Sprintf("None of the %d customers who reached %s is known from an earlier stage: check that the sources share an identifier.",
			f.ApartReach, f.Apart))
	}
	if f.Oversized > 0 {
		parts = append(parts, oversized(f))
	}
	if f.Crowded > 0 {
		parts = append(parts, fmt.Sprintf("Public sources sent over %d events of %s: further ones are not counted. Check who sends events with these identities.",
			f.MostEvents, value.Counted(f.Crowded, "customer")))
	}
	return strings.TrimSpace(strings.Join(parts, " "))
}

// oversized describes people with more events than one person can have, such as a dummy customer of a till, or somebody whose name a stranger uses.
func oversized(f *Facts) string {
	who, count := "1 customer has", "counts"
	if f.Oversized > 1 {
		who, count = fmt.Sprintf("%d customers have", f.Oversized), "count"
	}
	return fmt.Sprintf("%s over %d events and %s in no number: check that no source uses one identifier for many people.", who, f.MostEvents, count)
}

// empty explains why there are no mature attempts.
func empty(f *Facts) string {
	window := number.Words(int64(f.Window / time.Second))
	switch {
	case f.Customers > 0:
		return ""
	case f.Young > 0 && !f.FirstYoung.IsZero():
		return fmt.Sprintf("No attempt is mature before %s: the first customer entered at %s, and the window is %s. "+
			"The data span %s from that entry to the time of analysis. Until then conversion is provisional.",
			instant(f.FirstYoung.Add(f.Window)), instant(f.FirstYoung), window, number.Words(int64(f.AsOf.Sub(f.FirstYoung)/time.Second)))
	case f.Young > 0:
		return fmt.Sprintf("No attempt is mature yet: the window is %s. Until one is, conversion is provisional.", window)
	case f.From.After(f.AsOf):
		return fmt.Sprintf("The analysed time starts at %s, after the time of analysis, which is %s.", instant(f.From), instant(f.AsOf))
	case f.Before > 0:
		return fmt.Sprintf("Nobody entered from %s to %s; %s entered before, the last of them at %s. %s",
			instant(f.From), instant(f.AsOf), value.Counted(f.Before, "customer"), instant(f.NewestBefore), earlier(f))
	case f.After > 0:
		return fmt.Sprintf("Nobody entered from %s to %s; %s entered after. A later spec.analysis.asOf, or another range, includes them.",
			instant(f.From), instant(f.To), value.Counted(f.After, "customer"))
	case !f.HistoryRead:
		return fmt.Sprintf("No event of a first stage is between %s and %s. Earlier events were not analysed.", instant(f.From), instant(f.AsOf))
	case f.Oversized > 0:
		return "No event of a first stage counts."
	}
	return "No event of a first stage was received. Check whether coverage.topUnmatched has it under another name."
}

// earlier explains how to include those who entered before.
func earlier(f *Facts) string {
	if f.Range {
		return "An earlier spec.analysis.range.from includes them."
	}
	return "A longer spec.analysis.lookback, or an asOf, includes them."
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }
