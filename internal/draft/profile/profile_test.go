// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/plain"
)

// A sketch is exact for few values, whatever their order.
func TestSketchOfFewValuesIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOf(rapid.StringMatching(`[a-d]{1,3}`)).Draw(t, "values")
		counts := map[string]int64{}
		s, shuffled := newSketch(), newSketch()
		for _, v := range values {
			counts[v]++
			s.add(v)
		}
		for _, i := range rand.Perm(len(values)) {
			shuffled.add(values[i])
		}
		repeated, most := 0.0, int64(0)
		for _, n := range counts {
			most = max(most, n)
			if n > 1 {
				repeated++
			}
		}
		require.InDelta(t, len(counts), s.distinct(), 0)
		require.Equal(t, most, s.most())
		require.InDelta(t, repeated/max(1, float64(len(counts))), s.repeated(), 1e-12)
		require.Equal(t, s.distinct(), shuffled.distinct())
		require.Equal(t, s.repeated(), shuffled.repeated())
	})
}

// Of many values, the number is estimated, the counts of those that are kept are exact, and the memory has a limit.
func TestSketchOfManyValues(t *testing.T) {
	s := newSketch()
	for round := range 3 {
		for i := range 100_000 {
			s.add(fmt.Sprint(i))
			require.LessOrEqual(t, len(s.counts), 2*kept)
		}
		for _, n := range s.counts {
			require.Equal(t, int64(round+1), n)
		}
	}
	require.InEpsilon(t, 100_000, s.distinct(), 0.1)
	require.InDelta(t, 1, s.repeated(), 0)
}

// The memory of a column does not grow with its values, nor that of a profile with the fields of documents.
func TestMemoryIsBounded(t *testing.T) {
	p := New(nil)
	for i := range 20_000 {
		p.Add(map[string]any{"a": fmt.Sprint("value ", i), fmt.Sprint("field", i): "x", "deep": map[string]any{"b": map[string]any{"c": map[string]any{"d": map[string]any{"e": 1}}}}})
	}
	p.Done()
	require.Len(t, p.Columns, maxColumns)
	require.True(t, p.More)
	a := p.Of("a")
	require.Equal(t, int64(20_000), a.Filled)
	require.Equal(t, int64(everyRow+(20_000-everyRow)/stride), a.Seen)
	require.Nil(t, a.values)
	require.LessOrEqual(t, len(a.sketch.counts), 2*kept)
	require.True(t, a.Unique())
	require.InEpsilon(t, 20_000, a.Distinct(), 0.1)
	require.Equal(t, a.Seen, a.Forms.Texts)
	require.NotNil(t, p.Of("deep.b.c.d"), "what is deeper is one value")
}

func TestTimesAndAmounts(t *testing.T) {
	look := func(values ...string) *Column {
		p := New([]string{"a"})
		for _, v := range values {
			p.Add(map[string]any{"a": v})
		}
		return p.Of("a")
	}
	for _, c := range []struct {
		values []string
		order  plain.Order
		layout string
		twice  bool
	}{
		{[]string{"03.04.2026 10:00", "3.4.2026 9:05"}, "", "2.1.2006 15:04", false},
		{[]string{"03/04/2026", "04/05/2026"}, "", "2/1/2006", true},
		{[]string{"03/04/2026", "04/05/2026"}, plain.MonthFirst, "1/2/2006", false},
		{[]string{"03/04/2026", "04/25/2026"}, "", "1/2/2006", false},
		{[]string{"03/04/26 1:00 PM", "25/04/26 2:00 AM"}, "", "2/1/06 3:04 PM", false},
		{[]string{"21 Nov 2026", "3 Dec 2026"}, "", "2 Jan 2006", false},
		{[]string{"Nov 21, 2026, 3:04 PM", "Dec 3, 2026, 10:04 AM"}, "", "Jan 2, 2006, 3:04 PM", false},
	} {
		layout, n, twice := look(c.values...).Times.Layout(c.order)
		require.Equal(t, []any{c.layout, int64(2), c.twice}, []any{layout, n, twice}, c.values)
	}
	require.Equal(t, Times{Zoned: 1, Local: 1, Days: 1}, look("2026-05-01T10:00:00Z", "2026-05-01 10:00", "2026-05-01").Times)
	require.Equal(t, map[string]int64{"seconds": 1, "milliseconds": 1, Compact: 1, CompactClock: 1}, look("1778000000", "1778000000000", "20260501", "20260501101457", "12", "4012345678").Times.Units)
	require.Equal(t, int64(2), look("9:05", "18:00:01").Times.Clocks)
	require.Equal(t, Money{Plain: 2, Points: 1}, look("1.50", "1.234", "word", "12%").Money)
	require.Equal(t, Money{Commas: 2, Points: 1, Signs: map[string]int64{"€": 1, "EUR": 1}}, look("€ 12,30", "1.234.567 EUR").Money)
	require.Equal(t, Money{Groups: 2, Both: 1, Signs: map[string]int64{"$": 1}}, look("1,234.50", "$1,234,567", "1,234").Money)
}
