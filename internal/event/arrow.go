// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package event

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// IdentityType is the Arrow type of one identity.
var IdentityType = arrow.StructOf(
	arrow.Field{Name: "type", Type: arrow.BinaryTypes.String},
	arrow.Field{Name: "value", Type: arrow.BinaryTypes.String},
)

// Positions of the columns in Schema.
const (
	colID = iota
	colSource
	colChannel
	colKind
	colInitiator
	colName
	colTime
	colTimeSource
	colReceivedAt
	colIdentities
	colTraits
	colGroups
	colSessionID
	colOrderID
	colItems
	colAmount
	colCurrency
	colSurveyKind
	colScore
	colScale
	colProperties
	colFlags
	colMapping
)

// Schema is the schema of events as an Arrow record. No column has nulls: an absent text or JSON field is an empty text. Times are microseconds since
// 1970 UTC, money and scores are micro-units, and enumerations are their numbers.
var Schema = arrow.NewSchema([]arrow.Field{
	colID:         {Name: "id", Type: arrow.BinaryTypes.String},
	colSource:     {Name: "source", Type: arrow.BinaryTypes.String},
	colChannel:    {Name: "channel", Type: arrow.BinaryTypes.String},
	colKind:       {Name: "kind", Type: arrow.PrimitiveTypes.Uint8},
	colInitiator:  {Name: "initiator", Type: arrow.PrimitiveTypes.Uint8},
	colName:       {Name: "event", Type: arrow.BinaryTypes.String},
	colTime:       {Name: "time", Type: arrow.PrimitiveTypes.Int64},
	colTimeSource: {Name: "timeSource", Type: arrow.PrimitiveTypes.Uint8},
	colReceivedAt: {Name: "receivedAt", Type: arrow.PrimitiveTypes.Int64},
	colIdentities: {Name: "identities", Type: arrow.ListOfNonNullable(IdentityType)},
	colTraits:     {Name: "traits", Type: arrow.BinaryTypes.String},
	colGroups:     {Name: "groups", Type: arrow.BinaryTypes.String},
	colSessionID:  {Name: "sessionId", Type: arrow.BinaryTypes.String},
	colOrderID:    {Name: "orderId", Type: arrow.BinaryTypes.String},
	colItems:      {Name: "items", Type: arrow.BinaryTypes.String},
	colAmount:     {Name: "amount", Type: arrow.PrimitiveTypes.Int64},
	colCurrency:   {Name: "currency", Type: arrow.BinaryTypes.String},
	colSurveyKind: {Name: "surveyKind", Type: arrow.BinaryTypes.String},
	colScore:      {Name: "surveyScore", Type: arrow.PrimitiveTypes.Int64},
	colScale:      {Name: "surveyScale", Type: arrow.PrimitiveTypes.Int64},
	colProperties: {Name: "properties", Type: arrow.BinaryTypes.String},
	colFlags:      {Name: "flags", Type: arrow.PrimitiveTypes.Uint8},
	colMapping:    {Name: "mappingGeneration", Type: arrow.PrimitiveTypes.Int64},
}, nil)

// ToRecord returns a record of Schema with a row for each event, in order. The caller releases it.
func ToRecord(mem memory.Allocator, events []Event) arrow.RecordBatch {
	b := array.NewRecordBuilder(mem, Schema)
	defer b.Release()
	b.Reserve(len(events))
	appendTexts(b, events)
	appendNumbers(b, events)
	appendIdentities(b.Field(colIdentities).(*array.ListBuilder), events)
	return b.NewRecordBatch()
}

func appendTexts(b *array.RecordBuilder, events []Event) {
	texts := []struct {
		column int
		get    func(*Event) string
	}{
		{colID, func(e *Event) string { return e.ID }},
		{colSource, func(e *Event) string { return e.Source }},
		{colChannel, func(e *Event) string { return e.Channel }},
		{colName, func(e *Event) string { return e.Name }},
		{colSessionID, func(e *Event) string { return e.SessionID }},
		{colOrderID, func(e *Event) string { return e.OrderID }},
		{colCurrency, func(e *Event) string { return e.Currency }},
		{colSurveyKind, func(e *Event) string { return e.Survey.Kind }},
	}
	for _, t := range texts {
		column := b.Field(t.column).(*array.StringBuilder)
		for i := range events {
			column.Append(t.get(&events[i]))
		}
	}
	documents := map[int]func(*Event) []byte{
		colTraits:     func(e *Event) []byte { return e.Traits },
		colGroups:     func(e *Event) []byte { return e.Groups },
		colItems:      func(e *Event) []byte { return e.Items },
		colProperties: func(e *Event) []byte { return e.Properties },
	}
	for i, get := range documents {
		column := b.Field(i).(*array.StringBuilder).BinaryBuilder
		for j := range events {
			column.Append(get(&events[j]))
		}
	}
}

func appendNumbers(b *array.RecordBuilder, events []Event) {
	longs := map[int]func(*Event) int64{
		colTime:       func(e *Event) int64 { return e.Time },
		colReceivedAt: func(e *Event) int64 { return e.ReceivedAt },
		colAmount:     func(e *Event) int64 { return e.Amount },
		colScore:      func(e *Event) int64 { return e.Survey.Score },
		colScale:      func(e *Event) int64 { return e.Survey.Scale },
		colMapping:    func(e *Event) int64 { return e.MappingGeneration },
	}
	for i, get := range longs {
		column := b.Field(i).(*array.Int64Builder)
		for j := range events {
			column.UnsafeAppend(get(&events[j]))
		}
	}
	bytes := map[int]func(*Event) uint8{
		colKind:       func(e *Event) uint8 { return uint8(e.Kind) },
		colInitiator:  func(e *Event) uint8 { return uint8(e.Initiator) },
		colTimeSource: func(e *Event) uint8 { return uint8(e.TimeSource) },
		colFlags:      func(e *Event) uint8 { return uint8(e.Flags) },
	}
	for i, get := range bytes {
		column := b.Field(i).(*array.Uint8Builder)
		for j := range events {
			column.UnsafeAppend(get(&events[j]))
		}
	}
}

func appendIdentities(list *array.ListBuilder, events []Event) {
	pair := list.ValueBuilder().(*array.StructBuilder)
	typ, value := pair.FieldBuilder(0).(*array.StringBuilder), pair.FieldBuilder(1).(*array.StringBuilder)
	for i := range events {
		list.Append(true)
		for _, id := range events[i].Identities {
			pair.Append(true)
			typ.Append(id.Type)
			value.Append(id.Value)
		}
	}
}
