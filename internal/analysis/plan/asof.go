// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"
	"time"

	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// Watermark describes how current the events of a source are.
type Watermark struct {
	// Source by name.
	Source string
	// NewestEvent and NewestReceived are zero if nothing was received.
	NewestEvent, NewestReceived time.Time
	// OldestEvent is zero if nothing was received. Channel is that of the source.
	OldestEvent time.Time
	Channel     string
	// Complete is the time up to which the source's events are assumed to be complete: that of its newest event, or of its creation if there is none.
	Complete time.Time
	// expectEvery is the longest normal silence; zero for no expectation.
	expectEvery time.Duration
}

// watermarks returns those of the map's sources, in the order of the document.
func watermarks(sources []podconfig.MapSource, state store.State) []Watermark {
	known := make(map[string]store.SourceState, len(state.Sources))
	for _, s := range state.Sources {
		known[s.Name] = s
	}
	out := make([]Watermark, 0, len(sources))
	for _, s := range sources {
		w := Watermark{Source: s.Name, Channel: s.Channel, Complete: s.CreatedAt.Time, expectEvery: s.ExpectEvery.Or(0)}
		if at := known[s.Name].NewestReceivedAt; at != 0 {
			w.NewestReceived = time.UnixMicro(at).UTC()
		}
		if at := known[s.Name].NewestEventTime; at != 0 {
			w.NewestEvent = time.UnixMicro(at).UTC()
			w.Complete = w.NewestEvent
		}
		if at := known[s.Name].OldestEventTime; at != 0 {
			w.OldestEvent = time.UnixMicro(at).UTC()
		}
		out = append(out, w)
	}
	return out
}

// WholeSecond returns the first whole second that is not before the time. Everything that was known at the time is known by then.
func WholeSecond(t time.Time) time.Time {
	if whole := t.Truncate(time.Second); whole.Before(t) {
		return whole.Add(time.Second)
	}
	return t
}

// complete returns the watermarks that can hold back the analysis. A file is complete, including the second of a source's newest event.
func complete(marks []Watermark, file bool) []Watermark {
	if !file {
		return marks
	}
	marks = slices.Clone(marks)
	for i := range marks {
		marks[i].Complete = WholeSecond(marks[i].Complete)
	}
	return marks
}

// holdBack moves the time of analysis back to the lowest watermark, for each source by at most its expectEvery, so that a source with a normal delay
// does not look like a drop-off. A source without an expectation holds nothing back. The result is a whole second, because a status has no smaller
// unit.
func holdBack(asOf time.Time, marks []Watermark) (held time.Time, by string) {
	held = asOf.Truncate(time.Second)
	for _, w := range marks {
		at := w.Complete
		if limit := asOf.Add(-w.expectEvery); at.Before(limit) {
			at = limit
		}
		if at = at.Truncate(time.Second); w.expectEvery > 0 && at.Before(held) {
			held, by = at, w.Source
		}
	}
	return held, by
}
