// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/duck"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/wal"
)

func anchorList(anchors []event.Anchor) string {
	texts := make([]string, len(anchors))
	for i, a := range anchors {
		texts[i] = strconv.FormatUint(uint64(a), 10)
	}
	return strings.Join(texts, ", ")
}

// identityList is a literal of a list of identities.
func identityList(values []event.Identity) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = fmt.Sprintf("{'type': %s, 'value': %s}", duck.Quote(v.Type), duck.Quote(v.Value))
	}
	return "[" + strings.Join(texts, ", ") + "]::STRUCT(\"type\" VARCHAR, \"value\" VARCHAR)[]"
}

// findIdentities decodes the identities of all events, and gives those that have one of the anchors, and the files that hold them or have
// rows under their numbers.
// The identity table knows anchors alone; the values stand in the events.
func (s *Store) findIdentities(ctx context.Context, conn *duck.Conn, anchors []event.Anchor) (values []event.Identity, holders []part.Meta, err error) {
	wanted := map[event.Anchor]bool{}
	for _, a := range anchors {
		wanted[a] = true
	}
	found := map[event.Identity]bool{}
	for _, f := range s.manifest.Files {
		holds := false
		query := `SELECT DISTINCT i."type", i."value" FROM (SELECT unnest(identities) AS i FROM ` + s.readParquet([]part.Meta{f}) + ")"
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
			// Rows of somebody who was one person with him when the file was written still stand under his number.
			holds, err = s.hasRows(ctx, conn, f, anchors)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		if holds {
			holders = append(holders, f)
		}
	}
	for id := range found {
		values = append(values, id)
	}
	slices.SortFunc(values, event.CompareIdentities)
	return values, holders, nil
}

// hasRows says whether a file has rows under one of the anchors, as anchor or as the number of the person.
func (s *Store) hasRows(ctx context.Context, conn *duck.Conn, f part.Meta, anchors []event.Anchor) (bool, error) {
	row, err := conn.Row(ctx, fmt.Sprintf("SELECT count(*) FROM %s WHERE anchor IN (%s) OR person IN (%s)",
		s.readParquet([]part.Meta{f}), anchorList(anchors), anchorList(anchors)))
	return err == nil && row[0] > 0, err
}

// proveErased decodes every file that the store has and looks for the anchors. It gives the number of files.
func (s *Store) proveErased(ctx context.Context, conn *duck.Conn, anchors []event.Anchor) (int64, error) {
	_, holders, err := s.findIdentities(ctx, conn, anchors)
	if err != nil {
		return 0, err
	}
	if len(holders) > 0 {
		return 0, fmt.Errorf("the erased person is still in %s", holders[0].Name)
	}
	checked := int64(len(s.manifest.Files))
	n, err := s.proveLog(anchors)
	if err != nil {
		return 0, err
	}
	checked += n
	b, err := s.volume.ReadFile(s.volume.Path(volume.Identity, s.manifest.Identity))
	if err != nil {
		return 0, err
	}
	table, err := identity.Restore(bytes.NewReader(b))
	if err != nil {
		return 0, err
	}
	for _, a := range anchors {
		if table.Remove(a) {
			return 0, errors.New("the erased person is still in the identity table")
		}
	}
	return checked + 1, nil
}

// proveLog searches the segments of the log, with what was appended meanwhile.
func (s *Store) proveLog(anchors []event.Anchor) (int64, error) {
	s.commitMu.Lock()
	defer s.commitMu.Unlock()
	return s.log.Each(s.manifest.Seq, func(c *wal.Commit) error {
		for i := range c.Events {
			for _, id := range c.Events[i].Identities {
				if slices.Contains(anchors, id.Anchor()) {
					return fmt.Errorf("the erased person is still in the log, commit %d", c.Seq)
				}
			}
		}
		return nil
	})
}
