// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
)

// Fixed columns of a scan. They always come first, in this order.
const (
	// ColumnPerson is the number of the person in the identity version. It only distinguishes persons.
	ColumnPerson = "person"
	// ColumnTime of the event in microseconds.
	ColumnTime = "time"
	// ColumnSeq of the commit.
	ColumnSeq = "seq"
	// ColumnIndex in the commit.
	ColumnIndex = "index"
)

// Columns that a scan can request. Their names are those of event.Schema.
const (
	ColumnSource     = "source"
	ColumnChannel    = "channel"
	ColumnKind       = "kind"
	ColumnInitiator  = "initiator"
	ColumnEvent      = "event"
	ColumnReceivedAt = "receivedAt"
	ColumnTraits     = "traits"
	ColumnGroups     = "groups"
	ColumnSessionID  = "sessionId"
	ColumnOrderID    = "orderId"
	ColumnItems      = "items"
	ColumnAmount     = "amount"
	ColumnCurrency   = "currency"
	ColumnSurveyKind = "surveyKind"
	ColumnScore      = "surveyScore"
	ColumnScale      = "surveyScale"
	ColumnProperties = "properties"
	ColumnFlags      = "flags"
)

// ColumnIdentities holds the identities of the event, hashed if the privacy policy requires it: a JSON list of objects with type and value. A scan
// returns them only if it requests them by name.
const ColumnIdentities = "identities"

// scanFields are all columns of a scan with their types.
var scanFields = []arrow.Field{
	{Name: ColumnPerson, Type: arrow.PrimitiveTypes.Uint64},
	{Name: ColumnTime, Type: arrow.PrimitiveTypes.Int64},
	{Name: ColumnSeq, Type: arrow.PrimitiveTypes.Int64},
	{Name: ColumnIndex, Type: arrow.PrimitiveTypes.Int32},
	{Name: ColumnSource, Type: arrow.BinaryTypes.String},
	{Name: ColumnChannel, Type: arrow.BinaryTypes.String},
	{Name: ColumnKind, Type: arrow.PrimitiveTypes.Uint8},
	{Name: ColumnInitiator, Type: arrow.PrimitiveTypes.Uint8},
	{Name: ColumnEvent, Type: arrow.BinaryTypes.String},
	{Name: ColumnReceivedAt, Type: arrow.PrimitiveTypes.Int64},
	{Name: ColumnTraits, Type: arrow.BinaryTypes.String},
	{Name: ColumnGroups, Type: arrow.BinaryTypes.String},
	{Name: ColumnSessionID, Type: arrow.BinaryTypes.String},
	{Name: ColumnOrderID, Type: arrow.BinaryTypes.String},
	{Name: ColumnItems, Type: arrow.BinaryTypes.String},
	{Name: ColumnAmount, Type: arrow.PrimitiveTypes.Int64},
	{Name: ColumnCurrency, Type: arrow.BinaryTypes.String},
	{Name: ColumnSurveyKind, Type: arrow.BinaryTypes.String},
	{Name: ColumnScore, Type: arrow.PrimitiveTypes.Int64},
	{Name: ColumnScale, Type: arrow.PrimitiveTypes.Int64},
	{Name: ColumnProperties, Type: arrow.BinaryTypes.String},
	{Name: ColumnFlags, Type: arrow.PrimitiveTypes.Uint8},
}

const fixedColumns = 4

// namedFields are columns that a scan has to request by name.
var namedFields = []arrow.Field{{Name: ColumnIdentities, Type: arrow.BinaryTypes.String}}

// ScanSchema returns the schema of a scan with the requested columns: the fixed ones, then the requested ones in the order of this package's list. If
// none is requested, it has all of them except ColumnIdentities. For unknown names, it returns an error that wraps ErrInvalid.
func ScanSchema(columns []string) (*arrow.Schema, error) {
	if len(columns) == 0 {
		return arrow.NewSchema(scanFields, nil), nil
	}
	asked := make(map[string]bool, len(columns))
	for _, c := range columns {
		asked[c] = true
	}
	fields := append([]arrow.Field(nil), scanFields[:fixedColumns]...)
	for _, f := range scanFields[:fixedColumns] {
		delete(asked, f.Name)
	}
	for _, f := range slices.Concat(scanFields[fixedColumns:], namedFields) {
		if asked[f.Name] {
			fields = append(fields, f)
			delete(asked, f.Name)
		}
	}
	for c := range asked {
		return nil, invalidColumn(c)
	}
	return arrow.NewSchema(fields, nil), nil
}

func invalidColumn(name string) error {
	return fmt.Errorf("%w: there is no column %q", ErrInvalid, name)
}
