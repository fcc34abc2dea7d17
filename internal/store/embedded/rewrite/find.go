// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rewrite

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/duck"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
)

// Find decodes the identities of all events of some files, and gives those that have one of the anchors, and the files that hold them or have rows
// under their numbers. The identity table knows anchors alone; the values stand in the events.
func (f *Files) Find(ctx context.Context, parts []*part.Part, anchors []event.Anchor) (values []event.Identity, holders []*part.Part, err error) {
	conn, err := f.db.Connect()
	if err != nil {
		return nil, nil, err
	}
	defer conn.Close()
	wanted := map[event.Anchor]bool{}
	for _, a := range anchors {
		wanted[a] = true
	}
	found := map[event.Identity]bool{}
	for _, p := range parts {
		holds := false
		query := `SELECT DISTINCT i."type", i."value" FROM (SELECT unnest(identities) AS i FROM ` + table(p.Path()) + ")"
		err := conn.Each(ctx, query, func(batch arrow.RecordBatch) error {
			types, texts := batch.Column(0).(*array.String), batch.Column(1).(*array.String)
			for i := range int(batch.NumRows()) {
				id := event.Identity{Type: strings.Clone(types.Value(i)), Value: strings.Clone(texts.Value(i))}
				if wanted[id.Anchor()] {
					found[id], holds = true, true
				}
			}
			return nil
		})
		if err == nil && !holds {
			// Rows of somebody who was one person with them when the file was written still stand under their number.
			holds, err = hasRows(ctx, conn, p, anchors)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", p.Name, err)
		}
		if holds {
			holders = append(holders, p)
		}
	}
	for id := range found {
		values = append(values, id)
	}
	slices.SortFunc(values, event.CompareIdentities)
	return values, holders, nil
}

// hasRows says whether a file has rows under one of the anchors, as anchor or as the number of the person.
func hasRows(ctx context.Context, conn *duck.Conn, p *part.Part, anchors []event.Anchor) (bool, error) {
	row, err := conn.Row(ctx, fmt.Sprintf("SELECT count(*) FROM %s WHERE anchor IN (%s) OR person IN (%s)",
		table(p.Path()), anchorList(anchors), anchorList(anchors)))
	return err == nil && row[0] > 0, err
}

// Count the events of some files that belong to the anchors.
func (f *Files) Count(ctx context.Context, parts []*part.Part, anchors []event.Anchor) (int64, error) {
	if len(parts) == 0 || len(anchors) == 0 {
		return 0, nil
	}
	conn, err := f.db.Connect()
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	row, err := conn.Row(ctx, fmt.Sprintf("SELECT count(*) FROM %s WHERE anchor IN (%s)", table(paths(parts)...), anchorList(anchors)))
	if err != nil {
		return 0, err
	}
	return row[0], nil
}
