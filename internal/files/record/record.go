// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package record is a record of an exported file, and the form in which it is sent from where the file is read to where it is stored. It is apart from the
// package that reads files, so that the pods do not need the readers of formats.
package record

import (
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

// Record is a record of an exported file.
type Record struct {
	// Position is the number of the record in the file, from 1. Reading can resume after it.
	Position int64
	// Member is the name of the file in an archive, without its folders; empty if the file is no archive.
	Member string
	// Line on which the record starts, from 1; for Parquet, the number of the row.
	Line int
	// Values by column, or the fields of a JSON document. A record of several rows has them as the list "rows".
	Values map[string]any
	// Content identifies the record by its values, and by its place among records with equal values.
	Content string
	// Header has the further rows of the header of a table.
	Header []map[string]any
	// Bad is why the record cannot be read. There are no values then.
	Bad *reject.Rejection
}

// Where names the place of a record for messages.
func (r *Record) Where() string {
	if r.Member != "" {
		return fmt.Sprintf("%s, line %d", r.Member, r.Line)
	}
	return fmt.Sprintf("line %d", r.Line)
}

// Candidate returns the record as a document for mapping rules. file is the name of the file; zone and currency are those of the settings.
func (r *Record) Candidate(file, zone, currency string) transport.Candidate {
	if r.Bad != nil {
		return transport.Candidate{Rejection: r.Bad}
	}
	return transport.Candidate{
		Body:      func() (any, error) { return r.Values, nil },
		ContentID: func() (string, *reject.Rejection) { return r.content() },
		Message: func() map[string]any {
			m := map[string]any{"file": file, "line": int64(r.Line)}
			for name, text := range map[string]string{"member": r.Member, "timeZone": zone, "currency": currency} {
				if text != "" {
					m[name] = text
				}
			}
			if len(r.Header) > 0 {
				list := make([]any, len(r.Header))
				for i, row := range r.Header {
					list[i] = row
				}
				m["header"] = list
			}
			return m
		},
		Record: true,
	}
}

func (r *Record) content() (string, *reject.Rejection) {
	if r.Content == "" {
		return "", reject.New(reject.MissingID, "", "the file has too many different records without an id: give the mapping rule an id")
	}
	return r.Content, nil
}
