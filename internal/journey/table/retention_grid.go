// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"fmt"
	"math"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// Grid returns a row for each cohort: its beginning, its size, then who came back by period or bracket. The last row, all, combines the cohorts. Each
// of its columns contains only the cohorts whose time is over.
func (s *RetentionSums) Grid() metric.Grid {
	g := metric.Grid{Samples: s.Persons, Columns: s.columns()}
	for i, row := range s.Cohorts {
		out := metric.GridRow{Values: make([]string, len(g.Columns))}
		out.Values[0], out.Values[1] = s.calendar.Instant(s.starts[i]), number.Whole(row[0])
		for k := range row {
			if k > 0 {
				out.Values[k+1] = s.cell(row[k], row[0])
			}
			if !out.Provisional && !s.final(i, k) {
				out.Provisional, out.ProvisionalFrom = true, k+1
			}
		}
		g.Rows = append(g.Rows, out)
	}
	if len(s.Cohorts) > 0 {
		g.Rows = append(g.Rows, s.all(len(g.Columns)))
	}
	return g
}

func (s *RetentionSums) columns() []metric.Column {
	list := []metric.Column{{Name: "cohort", Unit: metric.UnitTime}, {Name: "customers", Unit: metric.UnitCount}}
	unit := metric.UnitRatio
	if s.table.Counts {
		unit = metric.UnitCount
	}
	for _, b := range s.brackets {
		name := fmt.Sprintf("%s %d", strings.ToLower(string(s.table.Period)), b.from)
		if b.to > b.from {
			name += fmt.Sprint("-", b.to)
		}
		list = append(list, metric.Column{Name: name, Unit: unit})
	}
	return list
}

// all returns the row that combines the cohorts.
func (s *RetentionSums) all(columns int) metric.GridRow {
	out := metric.GridRow{Values: make([]string, columns)}
	var customers int64
	for _, row := range s.Cohorts {
		customers += row[0]
	}
	out.Values[0], out.Values[1] = "all", number.Whole(customers)
	for k := 1; k <= len(s.brackets); k++ {
		var kept, of int64
		for i, row := range s.Cohorts {
			if k < len(row) && s.over(i, k) {
				kept, of = kept+row[k], of+row[0]
			}
		}
		if of > 0 {
			out.Values[k+1] = s.cell(kept, of)
		}
	}
	return out
}

func (s *RetentionSums) cell(n, of int64) string {
	if s.table.Counts {
		return number.Whole(n)
	}
	return number.Ratio(n, of)
}

// final reports whether a cell can no longer change. Column 0 is the size of the cohort.
func (s *RetentionSums) final(cohort, column int) bool {
	return s.over(cohort, column) && (column == 0 || !s.table.OnOrAfter || s.end <= s.asOf+1)
}

// over reports whether the periods of a column had ended for everybody in a cohort at the time of analysis.
func (s *RetentionSums) over(cohort, column int) bool {
	last := 0
	if column > 0 {
		last = s.brackets[column-1].to
	}
	end := s.endOf(cohort + last)
	if s.table.Rolling && column > 0 {
		// The last person of the cohort can have started at its very end.
		end = s.endOf(cohort) + int64(last+1)*s.table.Period.Elapsed()
	}
	return end <= min(s.asOf+1, s.end)
}

// endOf returns the end of the period of a cohort. Nothing after the end of the last one is used.
func (s *RetentionSums) endOf(cohort int) int64 {
	switch n := len(s.starts); {
	case cohort < n-1:
		return s.starts[cohort+1]
	case cohort == n-1:
		return s.end
	}
	return math.MaxInt64
}
