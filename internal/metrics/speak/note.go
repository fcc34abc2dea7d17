// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package speak says why a result has no mature numbers, in words that lead to what can be done about it.
package speak

import (
	"fmt"
	"time"

	"github.com/journeyman-dev/journeyman/internal/journey/number"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Facts of a result.
type Facts struct {
	// Customers with a mature attempt; Young with one under way.
	Customers, Young int64
	// Before and After are those who entered outside of the time; Before counts when HistoryRead says that what lies before was looked at.
	Before, After int64
	HistoryRead   bool
	// From and To bound the entries of mature attempts, AsOf is the time of analysis.
	From, To, AsOf time.Time
	// FirstYoung is the first entry of those under way, NewestBefore the last of those of Before.
	FirstYoung, NewestBefore time.Time
	// Window of an attempt.
	Window time.Duration
}

// Note is empty when there are mature attempts.
func Note(f *Facts) string {
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
	case f.Before > 0:
		return fmt.Sprintf("Nobody entered from %s to %s; %s entered before, the last of them at %s. "+
			"A longer spec.analysis.lookback, or an asOf, takes them in.",
			instant(f.From), instant(f.AsOf), value.Counted(f.Before, "customer"), instant(f.NewestBefore))
	case f.After > 0:
		return fmt.Sprintf("Nobody entered from %s to %s; %s entered after. A later spec.analysis.asOf, or another range, takes them in.",
			instant(f.From), instant(f.To), value.Counted(f.After, "customer"))
	case !f.HistoryRead:
		return fmt.Sprintf("No event of a first stage lies between %s and %s. What lies before was not looked at.", instant(f.From), instant(f.AsOf))
	}
	return "No event of a first stage was received. Does coverage.topUnmatched have it under another name?"
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }
