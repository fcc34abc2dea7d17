// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"fmt"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// Paths counts which item customers see after which: the edges between the items of their sessions, by position.
//
// A session is a series of a customer's events with less than SessionGap between consecutive ones. Consecutive repeats of an item are one
// visit, with the time of the last of them. Position 1 is the first item of the session, or Start.
type Paths struct {
	// Items define the item of an event; the first rule that fits is used. Events that no rule fits are not on the path.
	Items []PathItem
	// Groupings are patterns with * for any text. An item that contains a match of a pattern is replaced by the pattern; the first one that fits is used.
	Groupings []string
	// Exclude lists items, after grouping, that are not on the path.
	Exclude []string
	// Start and End are items. A session counts from the first Start on, and up to the first End after it. Empty for none.
	Start, End string
	// Steps is the number of items of a session that are used: the first ones; with only an End, the last ones; with Start and End, the first and last half.
	Steps int
	// SessionGap is the time between two events that ends a session. It is positive.
	SessionGap time.Duration
	// Limit is the number of edges that are kept, those with the most sessions first.
	Limit int
	// MinSessions and MaxSessions of an edge; 0 for no limit.
	MinSessions, MaxSessions int64
}

// PathItem is one rule of a Paths.
type PathItem struct {
	// Match lists the events of the rule.
	Match []journey.Match
	// Key of the value that is the item, as in a Condition; empty for the name of the event. An event without a value is not on the path.
	Key string
	// TrimSlash removes one slash at the end of an item, unless the item is only a slash.
	TrimSlash bool
	// LeaveOut removes the events from the path.
	LeaveOut bool
}

// Limits of a Paths.
const (
	// MaxPathSteps is the number of items of a session.
	MaxPathSteps = 20
	// MaxPathEdges is the number of distinct edges that one run keeps. Any further ones are left out and counted.
	MaxPathEdges = 200_000
	// FoldedItem replaces the items between the two halves of a long path.
	FoldedItem = "..."
)

// Matches lists the events by role.
func (p Paths) Matches() [][]journey.Match {
	var out [][]journey.Match
	for _, item := range p.Items {
		out = append(out, item.Match)
	}
	return out
}

// Since returns the time from which the metric needs events.
func (p Paths) Since(period *journey.Period, _ *journey.Calendar) int64 { return period.EventsFrom }

// Needs marks the columns that Read uses.
func (p Paths) Needs(n *match.Needs) {
	for _, item := range p.Items {
		if item.Key != "" && !item.LeaveOut {
			n.AddKey(item.Key)
		}
	}
}

// Read records the item of an event. The hit is not usable if the event is not on the path.
func (p Paths) Read(v *match.Values, role uint8, h *metric.Hit) {
	rule := &p.Items[role]
	if rule.LeaveOut {
		return
	}
	item := v.Row.Name
	if rule.Key != "" {
		k, err := match.ParseKey(rule.Key)
		if err != nil {
			return // NewSums refuses such a key.
		}
		if item, _ = v.Get(k); item == "" {
			return
		}
	}
	if rule.TrimSlash {
		item = trimSlash(item)
	}
	item = p.group(item)
	for _, excluded := range p.Exclude {
		if item == excluded {
			return
		}
	}
	h.Usable, h.Text = true, v.Texts.Number(item)
}

func trimSlash(item string) string {
	if len(item) > 1 {
		return strings.TrimSuffix(item, "/")
	}
	return item
}

// group returns the first pattern that fits, or the item itself.
func (p Paths) group(item string) string {
	for _, pattern := range p.Groupings {
		if containsPattern(item, pattern) {
			return pattern
		}
	}
	return item
}

// containsPattern reports whether some part of a text matches a pattern, in which * stands for any text. It searches for each piece after the
// previous one. The first match leaves the most room for the rest, so no other match has to be tried.
func containsPattern(text, pattern string) bool {
	for _, piece := range strings.Split(pattern, "*") {
		at := strings.Index(text, piece)
		if at < 0 {
			return false
		}
		text = text[at+len(piece):]
	}
	return true
}

// NewSums returns empty sums. An error names the invalid field.
func (p Paths) NewSums(c *metric.Context) (metric.Sums, error) {
	for i, item := range p.Items {
		if item.Key == "" {
			continue
		}
		if _, err := match.ParseKey(item.Key); err != nil {
			return nil, fmt.Errorf("paths.items[%d].key: %w", i, err)
		}
	}
	switch {
	case len(p.Items) == 0:
		return nil, fmt.Errorf("paths.items: at least one is needed")
	case p.Steps < 2 || p.Steps > MaxPathSteps:
		return nil, fmt.Errorf("paths.steps: 2 to %d, not %d", MaxPathSteps, p.Steps)
	case p.SessionGap <= 0:
		return nil, fmt.Errorf("paths.sessionGap: must be positive")
	case p.Limit < 1:
		return nil, fmt.Errorf("paths.edges: at least 1")
	}
	s := &PathsSums{
		paths: p, texts: c.Texts, gap: p.SessionGap.Microseconds(), edges: map[pathKey]*pathSums{},
		folded: c.Texts.Number(FoldedItem),
	}
	if p.Start != "" {
		s.start = c.Texts.Number(p.Start)
	}
	if p.End != "" {
		s.end = c.Texts.Number(p.End)
	}
	return s, nil
}
