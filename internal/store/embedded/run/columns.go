// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package run

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
)

// Anchor is the column of runs and sorted files with the anchor of a row.
const Anchor = "anchor"

// Schema of events in Arrow: the columns of the event, after its anchor and place.
var Schema = arrow.NewSchema(append([]arrow.Field{
	{Name: Anchor, Type: arrow.PrimitiveTypes.Uint64},
	{Name: store.ColumnSeq, Type: arrow.PrimitiveTypes.Int64},
	{Name: store.ColumnIndex, Type: arrow.PrimitiveTypes.Int32},
}, event.Schema.Fields()...), nil)

// Columns are those of Schema in runs of events, and the class. Identities are texts of event.PackIdentities.
var Columns = func() []Column {
	kinds := map[arrow.Type]block.Kind{
		arrow.UINT64: block.Long, arrow.INT64: block.Long, arrow.INT32: block.Int, arrow.UINT8: block.Byte,
		arrow.STRING: block.Text, arrow.LIST: block.Text,
	}
	var list []Column
	for _, f := range Schema.Fields() {
		list = append(list, Column{Name: f.Name, Kind: kinds[f.Type.ID()], Few: rows.Few(f.Name)})
	}
	return append(list, Column{Name: store.ColumnClass, Kind: block.Text, Few: true})
}()

// Wants selects all columns of a run of events.
var Wants = WantsOf(Columns)

// WantsOf selects some columns.
func WantsOf(columns []Column) []block.Want {
	var list []block.Want
	for _, c := range columns {
		list = append(list, block.Want{Name: c.Name, Kind: c.Kind})
	}
	return list
}
