// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package result

import (
	_ "time/tzdata" // The image has no database of time zones.

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis/fit"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// Bounds of a table in status; the CRD has the same.
const (
	maxTableRows    = 100
	maxTableColumns = 64
	maxTableText    = 128
	maxColumnName   = 64
	maxNote         = 512 // of a KPI, too
)

// tableResult bounds a table for the status: rows beyond the bound are counted as left out.
func tableResult(name v1alpha1.ItemName, g metric.Grid, rows int) v1alpha1.TableResult {
	out := v1alpha1.TableResult{Name: name, Samples: g.Samples, LeftOut: g.LeftOut, Note: cell(g.Note, maxNote)}
	columns := min(len(g.Columns), maxTableColumns)
	for _, c := range g.Columns[:columns] {
		out.Columns = append(out.Columns, v1alpha1.TableColumn{Name: cell(c.Name, maxColumnName), Unit: c.Unit})
	}
	shown := g.Rows
	if hidden := len(shown) - rows; hidden > 0 {
		out.LeftOut += int64(hidden)
		shown = shown[:rows]
		if g.KeepLast {
			shown = g.Rows[hidden:]
		}
	}
	for _, r := range shown {
		row := v1alpha1.TableRow{Values: []string{}, Provisional: r.Provisional, ProvisionalFrom: int32(r.ProvisionalFrom)}
		for _, v := range r.Values[:columns] {
			row.Values = append(row.Values, cell(v, maxTableText))
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// cell makes a text of a table fit for the status; an empty one stays empty.
func cell(s string, limit int) string {
	if s == "" {
		return ""
	}
	return fit.Text(s, limit)
}
