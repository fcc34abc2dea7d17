// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package result

import (
	_ "time/tzdata" // The image has no time zone database.

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis/fit"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// Limits of a table in the status, as in the CRD.
const (
	maxTableRows    = 100
	maxTableColumns = 64
	maxTableText    = 128
	maxColumnName   = 64
	maxNote         = 512 // also of a KPI
)

// tableResult limits a table for the status. Rows beyond the limit are counted as left out.
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

// cell prepares a text of a table for the status. An empty one stays empty.
func cell(s string, limit int) string {
	if s == "" {
		return ""
	}
	return fit.Text(s, limit)
}
