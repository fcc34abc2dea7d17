// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package volume

import (
	"errors"
	"io"
	"os"
)

// FS is what the store asks of a filesystem. Whatever the store writes goes through it, so that a test can lose what was not synced
// and let each operation fail. Names are whole paths.
type FS interface {
	// Create a file that is not there yet.
	Create(name string) (File, error)
	// Open a file for reading at any place.
	Open(name string) (ReadFile, error)
	// ReadFile gives a whole file.
	ReadFile(name string) ([]byte, error)
	// Size of a file in bytes.
	Size(name string) (int64, error)
	// SyncDir makes the names in a folder durable.
	SyncDir(dir string) error
	Rename(from, to string) error
	Remove(name string) error
	// RemoveAll removes a folder with all that is in it; one that is not there is no error.
	RemoveAll(dir string) error
	MkdirAll(dir string) error
	// List the names in a folder.
	List(dir string) ([]string, error)
	// Free bytes of the volume that a writer without privileges may use.
	Free(dir string) (int64, error)
	// Lock takes the file for this process until it is closed, and makes it when it is not there. ErrLocked when another one has it.
	Lock(name string) (io.Closer, error)
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

// System is the filesystem of the system.
type System struct{}

var _ FS = System{}

// systemFile is a file of the system. What Sync does depends on the system.
type systemFile struct{ *os.File }

// Create a file that is not there yet.
func (System) Create(name string) (File, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
	if err != nil {
		return nil, err
	}
	return systemFile{f}, nil
}

// Open a file for reading.
func (System) Open(name string) (ReadFile, error) { return os.Open(name) }

// ReadFile returns a whole file.
func (System) ReadFile(name string) ([]byte, error) { return os.ReadFile(name) }

// Size of a file in bytes.
func (System) Size(name string) (int64, error) {
	info, err := os.Stat(name)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Rename a file.
func (System) Rename(from, to string) error { return os.Rename(from, to) }

// Remove a file.
func (System) Remove(name string) error { return os.Remove(name) }

// RemoveAll removes a folder with all that is in it.
func (System) RemoveAll(dir string) error { return os.RemoveAll(dir) }

// MkdirAll makes a folder and those above it.
func (System) MkdirAll(dir string) error { return os.MkdirAll(dir, 0o750) }

// List the names in a folder.
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

// Lock takes the file for this process. The system gives it free when the process ends, however it ends.
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
