// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"encoding/json"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// columns returns the value of each column of a scan.
var columns = map[string]func(*personRow) any{
	store.ColumnPerson:     func(r *personRow) any { return r.person },
	store.ColumnUnit:       func(r *personRow) any { return r.unit },
	store.ColumnTime:       func(r *personRow) any { return r.Time },
	store.ColumnSeq:        func(r *personRow) any { return r.seq },
	store.ColumnIndex:      func(r *personRow) any { return r.index },
	store.ColumnSource:     func(r *personRow) any { return r.Source },
	store.ColumnChannel:    func(r *personRow) any { return r.Channel },
	store.ColumnKind:       func(r *personRow) any { return uint8(r.Kind) },
	store.ColumnInitiator:  func(r *personRow) any { return uint8(r.Initiator) },
	store.ColumnEvent:      func(r *personRow) any { return r.Name },
	store.ColumnReceivedAt: func(r *personRow) any { return r.ReceivedAt },
	store.ColumnTraits:     func(r *personRow) any { return string(r.Traits) },
	store.ColumnGroups:     func(r *personRow) any { return string(r.Groups) },
	store.ColumnSessionID:  func(r *personRow) any { return r.SessionID },
	store.ColumnOrderID:    func(r *personRow) any { return r.OrderID },
	store.ColumnItems:      func(r *personRow) any { return string(r.Items) },
	store.ColumnAmount:     func(r *personRow) any { return r.Amount },
	store.ColumnCurrency:   func(r *personRow) any { return r.Currency },
	store.ColumnSurveyKind: func(r *personRow) any { return r.Survey.Kind },
	store.ColumnScore:      func(r *personRow) any { return r.Survey.Score },
	store.ColumnScale:      func(r *personRow) any { return r.Survey.Scale },
	store.ColumnProperties: func(r *personRow) any { return string(r.Properties) },
	store.ColumnFlags:      func(r *personRow) any { return uint8(r.Flags) },
	store.ColumnIdentities: func(r *personRow) any { return identities(r.Identities) },
}

func buildRecord(mem memory.Allocator, schema *arrow.Schema, rows []personRow) arrow.RecordBatch {
	b := array.NewRecordBuilder(mem, schema)
	defer b.Release()
	for i, f := range schema.Fields() {
		value := columns[f.Name]
		for j := range rows {
			appendValue(b.Field(i), value(&rows[j]))
		}
	}
	return b.NewRecordBatch()
}

func appendValue(b array.Builder, value any) {
	switch v := value.(type) {
	case string:
		b.(*array.StringBuilder).Append(v)
	case int64:
		b.(*array.Int64Builder).Append(v)
	case int32:
		b.(*array.Int32Builder).Append(v)
	case uint64:
		b.(*array.Uint64Builder).Append(v)
	case uint8:
		b.(*array.Uint8Builder).Append(v)
	}
}

// identities returns identities as JSON.
func identities(list []event.Identity) string {
	b, err := json.Marshal(append([]event.Identity{}, list...))
	if err != nil {
		panic(err) // Marshalling texts cannot fail.
	}
	return string(b)
}
