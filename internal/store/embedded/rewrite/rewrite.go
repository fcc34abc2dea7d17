// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package rewrite makes sorted files of runs and of other sorted files, by the engine, and looks into them for who is to be erased. Files that it made
// exist only when a manifest names them.
package rewrite

import (
	"context"
	"fmt"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/duck"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/memtable"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/run"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// BucketRows is about how many rows a file has at most: larger results are split by person.
const BucketRows = 4 << 20

// Files makes sorted files on a volume.
type Files struct {
	db        *duck.DB
	volume    *volume.Volume
	groupRows int64
}

// New files have row groups of groupRows.
func New(db *duck.DB, v *volume.Volume, groupRows int64) *Files {
	return &Files{db: db, volume: v, groupRows: groupRows}
}

// Session makes files with the persons of one version of the identity table. It serves one goroutine.
type Session struct {
	files *Files
	conn  *duck.Conn
	view  *identity.View
}

// Open a session.
func (f *Files) Open(ctx context.Context, view *identity.View) (*Session, error) {
	conn, err := f.db.Connect()
	if err != nil {
		return nil, err
	}
	if err := peopleTable(ctx, conn, view); err != nil {
		conn.Close()
		return nil, err
	}
	return &Session{files: f, conn: conn, view: view}, nil
}

// Close the session. Its files stay.
func (s *Session) Close() { s.conn.Close() }

// Flush makes files of runs, one for each month.
func (s *Session) Flush(ctx context.Context, runs []*run.Run) ([]part.Meta, error) {
	if len(runs) == 0 {
		return nil, nil
	}
	if err := s.conn.Table(ctx, "fresh", "*", memtable.Records(runs)); err != nil {
		return nil, err
	}
	if err := s.conn.Exec(ctx, "CREATE TEMP VIEW placed AS "+withPerson("fresh")); err != nil {
		return nil, err
	}
	months, err := s.conn.Row(ctx, `SELECT DISTINCT epoch_us(date_trunc('month', make_timestamp("time"))) FROM placed`)
	if err != nil {
		return nil, err
	}
	var files []part.Meta
	for _, month := range months {
		from := time.UnixMicro(month).UTC()
		query := fmt.Sprintf(`SELECT %s FROM placed WHERE "time" >= %d AND "time" < %d`, fileColumns(), month, from.AddDate(0, 1, 0).UnixMicro())
		meta, err := s.write(ctx, from.Format("2006-01"), query)
		if err != nil {
			return nil, err
		}
		files = append(files, meta)
	}
	return files, nil
}

// Choice of the rows of files that are kept, and what is changed in them.
type Choice struct{ keep, replace string }

var (
	// All rows.
	All = Choice{keep: "TRUE"}
	// Stayed are the rows that belong to the person that they have in their file.
	Stayed = Choice{keep: "coalesce(p.person, r.anchor) = r.person"}
	// Moved are the others.
	Moved = Choice{keep: "coalesce(p.person, r.anchor) <> r.person"}
)

// Since keeps the events from an instant on, in microseconds.
func Since(instant int64) Choice { return Choice{keep: fmt.Sprintf(`r."time" >= %d`, instant)} }

// Without keeps the events of other anchors, and takes identities off them.
func Without(anchors []event.Anchor, values []event.Identity) Choice {
	return Choice{
		keep:    "r.anchor NOT IN (" + anchorList(anchors) + ")",
		replace: fmt.Sprintf(", list_filter(r.identities, lambda x: NOT list_contains(%s, x)) AS identities", identityList(values)),
	}
}

// Rewrite writes the chosen rows of files of one month into new files. More than BucketRows rows are split by ranges of persons. After each new
// file it calls between, if that is not nil. Damaged files are an error.
func (s *Session) Rewrite(ctx context.Context, parts []*part.Part, c Choice, between func(context.Context) error) ([]part.Meta, error) {
	rows := int64(0)
	for _, p := range parts {
		if err := p.Verify(); err != nil {
			return nil, err
		}
		rows += p.Rows
	}
	var written []part.Meta
	for _, r := range block.Ranges(int(rows/BucketRows) + 1) {
		query := fmt.Sprintf(`SELECT %s FROM (SELECT r.* REPLACE (coalesce(p.person, r.anchor) AS person%s) FROM %s r
			LEFT JOIN people p ON p.anchor = r.anchor WHERE %s) WHERE person BETWEEN %d AND %d`,
			fileColumns(), c.replace, table(paths(parts)...), c.keep, r.From, r.To)
		meta, err := s.write(ctx, parts[0].Month, query)
		if err != nil {
			return nil, err
		}
		if meta.Rows == 0 {
			if err := s.files.volume.RemoveIfThere(s.files.path(&meta)); err != nil {
				return nil, err
			}
			continue
		}
		written = append(written, meta)
		if between == nil {
			continue
		}
		if err := between(ctx); err != nil {
			return nil, err
		}
	}
	return written, nil
}
