// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// FS is what the store asks of a filesystem. A test replaces it by one that loses what was not synced, and fails on demand.
// Names are whole paths. DuckDB reads and writes Parquet files at the same paths by itself; Sync makes what it wrote durable.
type FS interface {
	// Create a file that is not there yet.
	Create(name string) (File, error)
	// Open a file for reading at any place.
	Open(name string) (ReadFile, error)
	// ReadFile gives a whole file.
	ReadFile(name string) ([]byte, error)
	// Sync makes the content of a file durable.
	Sync(name string) error
	// SyncDir makes the names in a folder durable.
	SyncDir(dir string) error
	Rename(from, to string) error
	Remove(name string) error
	MkdirAll(dir string) error
	// List the names in a folder.
	List(dir string) ([]string, error)
	// Free bytes of the volume that a writer without privileges may use.
	Free(dir string) (int64, error)
}

// File is a file being written.
type File interface {
	io.Writer
	// Sync makes what was written durable. After an error the file must not be used any more: the kernel may have
	// dropped the pages, and the next Sync may lie.
	Sync() error
	Close() error
}

// ReadFile is an open file.
type ReadFile interface {
	io.ReaderAt
	io.Closer
}

type osFS struct{}

type osFile struct{ *os.File }

func (f osFile) Sync() error { return unix.Fdatasync(int(f.Fd())) }

func (osFS) Create(name string) (File, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (osFS) Open(name string) (ReadFile, error) { return os.Open(name) }

func (osFS) ReadFile(name string) ([]byte, error) { return os.ReadFile(name) }

func (osFS) Sync(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func (fs osFS) SyncDir(dir string) error { return fs.Sync(dir) }

func (osFS) Rename(from, to string) error { return os.Rename(from, to) }

func (osFS) Remove(name string) error { return os.Remove(name) }

func (osFS) MkdirAll(dir string) error { return os.MkdirAll(dir, 0o750) }

func (osFS) List(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, nil
}

func (osFS) Free(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * s.Bsize, nil
}

// writeWhole makes a new file with the content, durable together with its name.
func writeWhole(fs FS, name string, content []byte) error {
	f, err := fs.Create(name)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		_ = fs.Remove(name)
		return err
	}
	return fs.SyncDir(filepath.Dir(name))
}

// replaceWhole puts the content into the place of a file at once: after a crash there is either the old or the new one.
func replaceWhole(fs FS, name string, content []byte) error {
	next := name + ".next"
	if err := fs.Remove(next); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := writeWhole(fs, next, content); err != nil {
		return err
	}
	if err := fs.Rename(next, name); err != nil {
		return err
	}
	return fs.SyncDir(filepath.Dir(name))
}
