// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rewrite

import (
	"bufio"
	"errors"
	"io"
	"path/filepath"

	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/parquet"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// output is a sorted file that is being written. It only exists once a manifest names it.
type output struct {
	*parquet.Writer

	volume *volume.Volume
	meta   part.Meta
	path   string
	open   volume.File
	buffer *bufio.Writer
	hash   *xxh3.Hasher
	bytes  int64
}

const writeBuffer = 1 << 20

// create creates a file for a month.
func (s *Session) create(month string) (*output, error) {
	v := s.files.volume
	if err := errors.Join(v.MkdirAll(v.Path(volume.Data, "month="+month)), v.SyncDir(v.Path(volume.Data))); err != nil {
		return nil, err
	}
	m := part.Meta{Name: filepath.Join("month="+month, v.NewName("parquet")), Month: month, Placed: s.view.Version()}
	return s.files.create(m, v.Path(volume.Data, m.Name), s.files.options.GroupRows, parquet.NewWriter)
}

// temporaryRows is the maximum number of rows of a row group of a temporary file. Many of these files are merged at a time.
const temporaryRows = 4 << 10

// createTemporary creates a file that is removed when the rewrite ends, or when the store is opened again.
func (s *Session) createTemporary(month string) (*output, error) {
	v := s.files.volume
	m := part.Meta{Name: v.NewName("parquet"), Month: month, Placed: s.view.Version()}
	return s.files.create(m, v.Path(volume.Temp, m.Name), min(temporaryRows, s.files.options.GroupRows), parquet.NewTemporaryWriter)
}

func (f *Files) create(m part.Meta, path string, groupRows int64, begin func(io.Writer, int64, bool) (*parquet.Writer, error)) (*output, error) {
	m.Format = parquet.Format
	open, err := f.volume.Create(path)
	if err != nil {
		return nil, err
	}
	out := &output{volume: f.volume, meta: m, path: path, open: open, buffer: bufio.NewWriterSize(open, writeBuffer), hash: xxh3.New()}
	if out.Writer, err = begin(out, groupRows, f.options.Behind); err != nil {
		return nil, errors.Join(err, out.discard())
	}
	return out, nil
}

// Write writes bytes of the file. The hash is that of the intended content, whatever the disk does to it.
func (f *output) Write(b []byte) (int, error) {
	f.bytes += int64(len(b))
	_, _ = f.hash.Write(b) // a hash never fails
	return f.buffer.Write(b)
}

// finish makes the file durable, and returns its manifest entry.
func (f *output) finish() (part.Meta, error) {
	err := errors.Join(f.Close(), f.buffer.Flush())
	if err == nil {
		err = f.open.Sync()
	}
	if err = errors.Join(err, f.open.Close()); err == nil {
		err = f.volume.SyncDir(filepath.Dir(f.path))
	}
	if err != nil {
		return part.Meta{}, errors.Join(err, f.volume.RemoveIfThere(f.path))
	}
	m := f.meta
	m.Bytes, m.Sum = f.bytes, f.hash.Sum64()
	m.Rows, m.MaxRun, m.MinPerson, m.MaxPerson = f.Rows, f.Longest, f.MinPerson, f.MaxPerson
	m.MinTime, m.MaxTime, m.MinSeq, m.MaxSeq = f.MinTime, f.MaxTime, f.MinSeq, f.MaxSeq
	return m, nil
}

// abort removes the file after an error.
func (f *output) abort() error {
	_ = f.Close() // errors of writing it no longer matter
	return f.discard()
}

func (f *output) discard() error {
	return errors.Join(f.open.Close(), f.volume.RemoveIfThere(f.path))
}

// remove removes files that are no longer needed after an error.
func (f *Files) remove(files []part.Meta) error {
	var err error
	for i := range files {
		err = errors.Join(err, f.volume.RemoveIfThere(f.volume.Path(volume.Data, files[i].Name)))
	}
	return err
}

var _ io.Writer = (*output)(nil)
