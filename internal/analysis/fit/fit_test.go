// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package fit

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

func rows(n int, text string) (out []v1alpha1.TableRow) {
	for i := range n {
		out = append(out, v1alpha1.TableRow{Values: []string{fmt.Sprint(i), text}})
	}
	return out
}

// groups returns a breakdown with all customers in groups of decreasing size, of which n groups are shown.
func groups(text string, all, n int) v1alpha1.BreakdownResult {
	out := v1alpha1.BreakdownResult{By: v1alpha1.ByProperty, Distinct: int64(all)}
	rest := v1alpha1.BreakdownGroup{Other: true}
	for i := range all {
		g := v1alpha1.BreakdownGroup{Values: []string{fmt.Sprint(i, text)}, Customers: int64(all - i)}
		if i < n {
			out.Groups = append(out.Groups, g)
		} else {
			rest.Customers += g.Customers
		}
	}
	if rest.Customers > 0 {
		out.Groups = append(out.Groups, rest)
	}
	return out
}

func report(text string) *v1alpha1.MetricReportStatus {
	s := &v1alpha1.MetricReportStatus{}
	s.Tables = []v1alpha1.TableResult{
		{Name: "long", Columns: []v1alpha1.TableColumn{{Name: "n", Unit: "count"}}, Rows: rows(100, text), LeftOut: 3},
		{Name: "times", Columns: []v1alpha1.TableColumn{{Name: "from", Unit: "time"}}, Rows: rows(60, text[:len(text)/2])},
		{Name: "short", Columns: []v1alpha1.TableColumn{{Name: "n", Unit: "count"}}, Rows: rows(20, "x")},
	}
	s.Breakdowns = []v1alpha1.BreakdownResult{groups(text, 40, 25)}
	return s
}

func TestNothingIsTruncatedIfItFits(t *testing.T) {
	s := report("abcd")
	before := s.DeepCopy()
	Report(s, size(s), nil)
	require.Equal(t, before, s)
}

func TestLargestListLosesEntries(t *testing.T) {
	text := strings.Repeat("<", 100) // each character has six bytes in JSON
	regroup := func(i, n int) v1alpha1.BreakdownResult {
		require.Zero(t, i)
		return groups(text, 40, n)
	}
	whole := size(report(text))
	for _, limit := range []int{whole - 1, whole * 3 / 4, whole / 2, whole / 4, whole / 10, 2500} {
		s := report(text)
		Report(s, limit, regroup)
		require.LessOrEqual(t, size(s), limit)
		require.NotEmpty(t, s.Truncated)
		long, times, short := s.Tables[0], s.Tables[1], s.Tables[2]
		require.Equal(t, int64(3+100-len(long.Rows)), long.LeftOut, "rows that are not shown are counted")
		for i, r := range long.Rows {
			require.Equal(t, fmt.Sprint(i), r.Values[0], "the first ones stay")
		}
		for i, r := range times.Rows {
			require.Equal(t, fmt.Sprint(60-len(times.Rows)+i), r.Values[0], "the newest ones stay, in their order")
		}
		require.Len(t, short.Rows, 20, "it is never the largest")
		var customers int64
		for _, g := range s.Breakdowns[0].Groups {
			customers += g.Customers
		}
		require.EqualValues(t, 40*41/2, customers, "what is not shown goes into the rest")
		for _, c := range s.Truncated {
			switch c.List {
			case "tables[long].rows":
				require.Equal(t, v1alpha1.TruncatedList{List: c.List, Shown: int32(len(long.Rows)), Total: 100}, c)
			case "tables[times].rows":
				require.Equal(t, v1alpha1.TruncatedList{List: c.List, Shown: int32(len(times.Rows)), Total: 60}, c)
			case "breakdowns[0].groups":
				require.Equal(t, v1alpha1.TruncatedList{List: c.List, Shown: int32(len(s.Breakdowns[0].Groups) - 1), Total: 25}, c)
			default:
				require.Fail(t, c.List)
			}
		}
		again := s.DeepCopy()
		Report(s, limit, regroup)
		require.Equal(t, again, s, "once is enough")
	}
}

func TestListsOfAMapAreTruncated(t *testing.T) {
	s := &v1alpha1.JourneyMapStatus{Coverage: &v1alpha1.CoverageResult{Matched: 7}}
	for i := range 20 {
		stage := v1alpha1.StageResult{Name: v1alpha1.ItemName(fmt.Sprint("stage-", i)), Entered: 9}
		for c := range 17 {
			stage.ByChannel = append(stage.ByChannel, v1alpha1.ChannelCount{Channel: fmt.Sprint("channel-", c)})
		}
		s.Stages = append(s.Stages, stage)
	}
	for i := range 10 {
		s.Coverage.TopUnmatched = append(s.Coverage.TopUnmatched, v1alpha1.EventCount{Event: strings.Repeat("<", 120) + fmt.Sprint(i)})
	}
	limit := size(s) - 5000
	Map(s, limit)
	require.LessOrEqual(t, size(s), limit)
	require.Len(t, s.Stages, 20)
	require.Equal(t, "coverage.topUnmatched", s.Truncated[len(s.Truncated)-1].List, "it has the longest entries")
	Map(s, 10)
	require.Len(t, s.Stages, 20, "the numbers of the stages stay, whatever room there is")
	require.LessOrEqual(t, len(s.Truncated), MaxCuts)
	require.True(t, json.Valid([]byte(must(json.Marshal(s)))))
}

func must(b []byte, err error) string {
	if err != nil {
		panic(err)
	}
	return string(b)
}
