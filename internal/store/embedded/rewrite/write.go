// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rewrite

import (
	"bufio"
	"context"
	"errors"
	"io"
	"path/filepath"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/duck"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/parquet"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

func (f *Files) path(m *part.Meta) string { return f.volume.Path(volume.Data, m.Name) }

// write makes a durable sorted file of a query. It is found only when a manifest names it.
func (s *Session) write(ctx context.Context, month, query string) (meta part.Meta, err error) {
	v := s.files.volume
	dir := v.Path(volume.Data, "month="+month)
	if err := errors.Join(v.MkdirAll(dir), v.SyncDir(v.Path(volume.Data))); err != nil {
		return part.Meta{}, err
	}
	meta = part.Meta{Name: filepath.Join("month="+month, v.NewName("parquet")), Month: month, Placed: s.view.Version()}
	path := s.files.path(&meta)
	meta.MaxRun, err = s.export(ctx, query+" "+sortOrder, path)
	if err == nil {
		err = v.SyncDir(dir)
	}
	if err == nil {
		err = s.describe(ctx, &meta)
	}
	if err != nil {
		return part.Meta{}, errors.Join(err, v.RemoveIfThere(path))
	}
	return meta, nil
}

// export writes the rows of a query, which come in the order of a sorted file, and gives the most rows that one person has.
func (s *Session) export(ctx context.Context, query, path string) (longest int64, err error) {
	rows, err := s.conn.Query(ctx, query)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	f, err := s.files.volume.Create(path)
	if err != nil {
		return 0, err
	}
	buffer := bufio.NewWriterSize(f, exportBuffer)
	w, err := parquet.NewWriter(buffer, rows.Schema(), s.files.groupRows)
	if err == nil {
		err = errors.Join(exportRows(rows, w), w.Close())
		longest = w.Longest
	}
	if err = errors.Join(err, buffer.Flush()); err == nil {
		err = f.Sync()
	}
	return longest, errors.Join(err, f.Close())
}

const exportBuffer = 1 << 20

func exportRows(rows *duck.Rows, w *parquet.Writer) error {
	for {
		batch, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		err = w.Write(batch)
		batch.Release()
		if err != nil {
			return err
		}
	}
}

// describe fills in what the manifest says of a file, from the file itself.
func (s *Session) describe(ctx context.Context, m *part.Meta) error {
	path := s.files.path(m)
	var err error
	if m.Bytes, err = s.files.volume.Size(path); err != nil {
		return err
	}
	if m.Sum, err = part.Sum(s.files.volume, path); err != nil {
		return err
	}
	row, err := s.conn.Row(ctx, `SELECT count(*), coalesce(min(person), 0), coalesce(max(person), 0), coalesce(min("time"), 0), coalesce(max("time"), 0),
		coalesce(min(seq), 0), coalesce(max(seq), 0) FROM `+table(path))
	if err != nil {
		return err
	}
	m.Rows, m.MinPerson, m.MaxPerson = row[0], uint64(row[1]), uint64(row[2])
	m.MinTime, m.MaxTime, m.MinSeq, m.MaxSeq = row[3], row[4], row[5], row[6]
	return nil
}
