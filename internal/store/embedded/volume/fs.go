// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package volume

import (
	"errors"
	"io"
	"os"
)

// FS is the filesystem interface of the store. Everything that the store writes goes through it, so that tests can lose what was not synced and make
// each operation fail. Names are full paths.
type FS interface {
	// Create creates a new file.
	Create(name string) (File, error)
	// Open opens a file for random reads.
	Open(name string) (ReadFile, error)
	// ReadFile returns the content of a file.
	ReadFile(name string) ([]byte, error)
	// Size returns the size of a file in bytes.
	Size(name string) (int64, error)
	// SyncDir makes the names in a folder durable.
	SyncDir(dir string) error
	Rename(from, to string) error
	Remove(name string) error
	// RemoveAll removes a folder with its content. It is not an error if the folder does not exist.
	RemoveAll(dir string) error
	MkdirAll(dir string) error
	// List returns the names in a folder.
	List(dir string) ([]string, error)
	// Free returns the number of bytes that an unprivileged writer can still write to the volume.
	Free(dir string) (int64, error)
	// Lock locks the file for this process until it is closed, and creates it if necessary. It returns ErrLocked if another process has it.
	Lock(name string) (io.Closer, error)
}

// File is a file being written.
type File interface {
	io.Writer
	// Sync makes what was written durable. After an error the file must not be used any more: the kernel can have dropped the pages, so that the next
	// Sync would report success wrongly.
	Sync() error
	Close() error
}

// ReadFile is an open file.
type ReadFile interface {
	io.ReaderAt
	io.Closer
}

// System is the filesystem of the operating system.
type System struct{}

var _ FS = System{}

// systemFile is a file of the operating system, on which its Sync depends.
type systemFile struct{ *os.File }

// Create creates a new file.
func (System) Create(name string) (File, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
	if err != nil {
		return nil, err
	}
	return systemFile{f}, nil
}

// Open opens a file for reading.
func (System) Open(name string) (ReadFile, error) { return os.Open(name) }

// ReadFile returns the content of a file.
func (System) ReadFile(name string) ([]byte, error) { return os.ReadFile(name) }

// Size returns the size of a file in bytes.
func (System) Size(name string) (int64, error) {
	info, err := os.Stat(name)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Rename renames a file.
func (System) Rename(from, to string) error { return os.Rename(from, to) }

// Remove removes a file.
func (System) Remove(name string) error { return os.Remove(name) }

// RemoveAll removes a folder with its content.
func (System) RemoveAll(dir string) error { return os.RemoveAll(dir) }

// MkdirAll creates a folder and its parents.
func (System) MkdirAll(dir string) error { return os.MkdirAll(dir, 0o750) }

// List returns the names in a folder.
func (System) List(dir string) ([]string, error) {
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

// Lock locks the file for this process. The system releases it when the process ends, for any reason.
func (System) Lock(name string) (io.Closer, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o640)
	if err != nil {
		return nil, err
	}
	if err := lock(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
