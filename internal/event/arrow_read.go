// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package event

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// FromRecord returns the events of a record of Schema. It does not trust the record: for another schema, nulls, invalid offsets, or an event that
// Validate refuses, it returns an error that names the row. The identities are normalised. The events do not share memory with the record.
func FromRecord(record arrow.RecordBatch) ([]Event, error) {
	if err := checkRecord(record); err != nil {
		return nil, err
	}
	events := make([]Event, record.NumRows())
	if len(events) == 0 {
		return events, nil
	}
	readTexts(record, events)
	readJSON(record, events)
	readNumbers(record, events)
	readIdentities(record.Column(colIdentities).(*array.List), events)
	for i := range events {
		if err := events[i].Validate(); err != nil {
			return nil, fmt.Errorf("event %d: %w", i, err)
		}
		events[i].Normalize()
	}
	return events, nil
}

// checkRecord ensures that reading the columns cannot panic.
func checkRecord(record arrow.RecordBatch) error {
	if int(record.NumCols()) != Schema.NumFields() {
		return fmt.Errorf("the record has %d columns, events have %d", record.NumCols(), Schema.NumFields())
	}
	for i, want := range Schema.Fields() {
		got := record.Schema().Field(i)
		column := record.Column(i)
		if got.Name != want.Name || !sameType(column.DataType(), want.Type) {
			return fmt.Errorf("column %d is %s %s, events have %s %s", i, got.Name, column.DataType(), want.Name, want.Type)
		}
		if int64(column.Len()) != record.NumRows() {
			return fmt.Errorf("column %s has %d rows of %d", want.Name, column.Len(), record.NumRows())
		}
		if err := validate(column); err != nil {
			return fmt.Errorf("column %s: %w", want.Name, err)
		}
		if column.NullN() > 0 {
			return fmt.Errorf("column %s has nulls", want.Name)
		}
	}
	return checkPairs(record.Column(colIdentities).(*array.List))
}

// validate validates a column with arrow-go, which panics on some offsets that point outside the values.
func validate(column arrow.Array) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("invalid offsets: %v", p)
		}
	}()
	return array.ValidateFull(column)
}

// sameType compares types, ignoring the names of list elements and nullability, which other languages write differently.
func sameType(got, want arrow.DataType) bool {
	gotList, ok := got.(*arrow.ListType)
	if !ok {
		return arrow.TypeEqual(got, want)
	}
	pair, ok := gotList.Elem().(*arrow.StructType)
	if !ok || want.ID() != arrow.LIST || pair.NumFields() != IdentityType.NumFields() {
		return false
	}
	for i, f := range IdentityType.Fields() {
		if pair.Field(i).Name != f.Name || !arrow.TypeEqual(pair.Field(i).Type, f.Type) {
			return false
		}
	}
	return true
}

func checkPairs(list *array.List) error {
	pairs := list.ListValues().(*array.Struct)
	if pairs.NullN() > 0 || pairs.Field(0).NullN() > 0 || pairs.Field(1).NullN() > 0 {
		return errors.New("column identities has nulls")
	}
	return nil
}

// texts returns the values of a nonempty column as parts of one copy, so that it allocates once for each column.
func texts(column arrow.Array) func(i int) string {
	a := column.(*array.String)
	base := a.ValueOffset(0)
	all := string(a.ValueBytes())
	return func(i int) string {
		return all[a.ValueOffset(i)-base : a.ValueOffset(i)-base+len(a.Value(i))]
	}
}

func readTexts(record arrow.RecordBatch, events []Event) {
	fields := []struct {
		column int
		field  func(*Event) *string
	}{
		{colID, func(e *Event) *string { return &e.ID }},
		{colSource, func(e *Event) *string { return &e.Source }},
		{colChannel, func(e *Event) *string { return &e.Channel }},
		{colName, func(e *Event) *string { return &e.Name }},
		{colSessionID, func(e *Event) *string { return &e.SessionID }},
		{colOrderID, func(e *Event) *string { return &e.OrderID }},
		{colCurrency, func(e *Event) *string { return &e.Currency }},
		{colSurveyKind, func(e *Event) *string { return &e.Survey.Kind }},
	}
	for _, f := range fields {
		value := texts(record.Column(f.column))
		for i := range events {
			*f.field(&events[i]) = value(i)
		}
	}
}

func readJSON(record arrow.RecordBatch, events []Event) {
	fields := map[int]func(*Event) *json.RawMessage{
		colTraits:     func(e *Event) *json.RawMessage { return &e.Traits },
		colGroups:     func(e *Event) *json.RawMessage { return &e.Groups },
		colItems:      func(e *Event) *json.RawMessage { return &e.Items },
		colProperties: func(e *Event) *json.RawMessage { return &e.Properties },
	}
	for column, field := range fields {
		a := record.Column(column).(*array.String)
		for i := range events {
			if v := a.Value(i); v != "" {
				*field(&events[i]) = json.RawMessage(v)
			}
		}
	}
}

func readNumbers(record arrow.RecordBatch, events []Event) {
	kind, initiator := bytesOf(record, colKind), bytesOf(record, colInitiator)
	timeSource, flags := bytesOf(record, colTimeSource), bytesOf(record, colFlags)
	time, received, amount := longsOf(record, colTime), longsOf(record, colReceivedAt), longsOf(record, colAmount)
	score, scale, mapping := longsOf(record, colScore), longsOf(record, colScale), longsOf(record, colMapping)
	for i := range events {
		e := &events[i]
		e.Kind, e.Initiator, e.TimeSource, e.Flags = Kind(kind[i]), Initiator(initiator[i]), TimeSource(timeSource[i]), Flags(flags[i])
		e.Time, e.ReceivedAt, e.Amount = time[i], received[i], amount[i]
		e.Survey.Score, e.Survey.Scale, e.MappingGeneration = score[i], scale[i], mapping[i]
	}
}

func bytesOf(record arrow.RecordBatch, column int) []uint8 {
	return record.Column(column).(*array.Uint8).Uint8Values()
}

func longsOf(record arrow.RecordBatch, column int) []int64 {
	return record.Column(column).(*array.Int64).Int64Values()
}

func readIdentities(list *array.List, events []Event) {
	pairs := list.ListValues().(*array.Struct)
	if pairs.Len() == 0 {
		return
	}
	typ, value := texts(pairs.Field(0)), texts(pairs.Field(1))
	all := make([]Identity, pairs.Len())
	for i := range all {
		all[i] = Identity{Type: typ(i), Value: value(i)}
	}
	for i := range events {
		from, to := list.ValueOffsets(i)
		if from < to {
			events[i].Identities = all[from:to:to]
		}
	}
}

// IdentitiesJSON returns a row of a list of identities as JSON: a list of objects with type and value.
func IdentitiesJSON(list *array.List, row int) string {
	from, to := list.ValueOffsets(row)
	fields := list.ListValues().(*array.Struct)
	types, values := fields.Field(0).(*array.String), fields.Field(1).(*array.String)
	out := make([]Identity, to-from)
	for i := range out {
		out[i] = Identity{Type: types.Value(int(from) + i), Value: values.Value(int(from) + i)}
	}
	b, err := json.Marshal(out)
	if err != nil {
		panic(err) // Marshalling texts cannot fail.
	}
	return string(b)
}
