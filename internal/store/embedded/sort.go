// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/duck"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/memtable"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/parquet"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/run"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// cut is the log up to a commit, as sortTail turns it into files.
type cut struct {
	seq, bytes int64
	runs       []*run.Run
	sources    []sourceMeta
	keys       []event.Key
}

// cutLog ends the current segment, so that everything up to the newest commit is in segments that get no more.
func (s *Store) cutLog() cut {
	s.commitMu.Lock()
	defer s.commitMu.Unlock()
	s.log.EndSegment()
	s.mu.Lock()
	defer s.mu.Unlock()
	c := cut{seq: s.seq, sources: s.sources.list(), keys: s.keys.UpTo(s.seq)}
	c.runs, c.bytes = s.memtable.Cut(s.seq)
	return c
}

// sortTail makes sorted files of the log. A crash at any point leaves the old manifest with the log, or the new one.
func (s *Store) sortTail(ctx context.Context) error {
	if s.newestSeq() == s.manifest.Seq {
		return nil
	}
	c := s.cutLog()
	conn, err := s.db.Connect()
	if err != nil {
		return err
	}
	defer conn.Close()
	files, err := s.writeTail(ctx, conn, c)
	if err != nil {
		return err
	}
	change := s.change()
	change.Seq, change.Sources = c.seq, c.sources
	change.Files = append(change.Files, files...)
	return s.install(change, c)
}

func (s *Store) newestSeq() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.seq
}

func (s *Store) writeTail(ctx context.Context, conn *duck.Conn, c cut) ([]part.Meta, error) {
	if len(c.runs) == 0 {
		return nil, nil
	}
	view, err := s.people.View(0)
	if err != nil {
		return nil, err
	}
	if err := peopleTable(ctx, conn, view); err != nil {
		return nil, err
	}
	if err := conn.Table(ctx, "tail", "*", memtable.Records(c.runs)); err != nil {
		return nil, err
	}
	if err := conn.Exec(ctx, "CREATE TEMP VIEW part AS "+withPerson("tail")); err != nil {
		return nil, err
	}
	months, err := conn.Row(ctx, `SELECT DISTINCT epoch_us(date_trunc('month', make_timestamp("time"))) FROM part`)
	if err != nil {
		return nil, err
	}
	var files []part.Meta
	for _, month := range months {
		from := time.UnixMicro(month).UTC()
		query := fmt.Sprintf(`SELECT %s FROM part WHERE "time" >= %d AND "time" < %d`, fileColumns(), month, from.AddDate(0, 1, 0).UnixMicro())
		meta, err := s.writeFile(ctx, conn, from.Format("2006-01"), query)
		if err != nil {
			return nil, err
		}
		meta.Placed = view.Version()
		files = append(files, meta)
	}
	return files, nil
}

// writeFile makes a durable sorted file of a query. It is found only when a manifest names it.
func (s *Store) writeFile(ctx context.Context, conn *duck.Conn, month, query string) (part.Meta, error) {
	dir := s.dataPath("month=" + month)
	if err := errors.Join(s.volume.MkdirAll(dir), s.volume.SyncDir(s.volume.Path(volume.Data))); err != nil {
		return part.Meta{}, err
	}
	meta := part.Meta{Name: filepath.Join("month="+month, s.volume.NewName("parquet")), Month: month}
	path := s.dataPath(meta.Name)
	run, err := s.export(ctx, conn, query+" "+sortOrder, path)
	meta.MaxRun = run
	if err == nil {
		err = s.volume.SyncDir(dir)
	}
	if err == nil {
		err = s.describe(ctx, conn, &meta)
	}
	if err != nil {
		return part.Meta{}, errors.Join(err, s.volume.RemoveIfThere(path))
	}
	return meta, nil
}

// export writes the rows of a query, which come in the order of a sorted file, and gives the most rows that one person has.
func (s *Store) export(ctx context.Context, conn *duck.Conn, query, path string) (longest int64, err error) {
	rows, err := conn.Query(ctx, query)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	f, err := s.volume.Create(path)
	if err != nil {
		return 0, err
	}
	buffer := bufio.NewWriterSize(f, exportBuffer)
	w, err := parquet.NewWriter(buffer, rows.Schema(), 2*s.options.BatchRows)
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
func (s *Store) describe(ctx context.Context, conn *duck.Conn, m *part.Meta) error {
	var err error
	if m.Bytes, err = s.volume.Size(s.dataPath(m.Name)); err != nil {
		return err
	}
	if m.Sum, err = part.Sum(s.volume, s.dataPath(m.Name)); err != nil {
		return err
	}
	row, err := conn.Row(ctx, `SELECT count(*), coalesce(min(person), 0), coalesce(max(person), 0), coalesce(min("time"), 0), coalesce(max("time"), 0),
		coalesce(min(seq), 0), coalesce(max(seq), 0) FROM `+s.readParquet([]part.Meta{*m}))
	if err != nil {
		return err
	}
	m.Rows, m.MinPerson, m.MaxPerson = row[0], uint64(row[1]), uint64(row[2])
	m.MinTime, m.MaxTime, m.MinSeq, m.MaxSeq = row[3], row[4], row[5], row[6]
	return nil
}

// change gives a copy of the manifest to work on.
func (s *Store) change() *manifest {
	m := *s.manifest
	m.Number++
	m.Files = slices.Clone(m.Files)
	return &m
}
