// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package volume

import (
	"errors"
	"os"
	"path/filepath"
)

// Write writes a new file, and makes it durable together with its name.
func (v *Volume) Write(path string, content []byte) error { return write(v.FS, path, content) }

// Replace replaces the content of a file atomically: after a crash there is either the old or the new one.
func (v *Volume) Replace(path string, content []byte) error { return replace(v.FS, path, content) }

// RemoveIfThere removes a file. It is not an error if the file does not exist.
func (v *Volume) RemoveIfThere(path string) error {
	if err := v.Remove(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// Quarantine moves a damaged file to the quarantine. It is not an error if the file does not exist.
func (v *Volume) Quarantine(path string) error { return v.QuarantineAs(path, filepath.Base(path)) }

// QuarantineAs is Quarantine under another name, for files whose names are not unique on the volume.
func (v *Volume) QuarantineAs(path, name string) error {
	if err := v.MkdirAll(v.Path(Quarantine)); err != nil {
		return err
	}
	if err := v.Rename(path, v.Path(Quarantine, name)); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// EmptyQuarantine removes all files in the quarantine.
func (v *Volume) EmptyQuarantine() error {
	names, err := v.List(v.Path(Quarantine))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for _, name := range names {
		err = errors.Join(err, v.Remove(v.Path(Quarantine, name)))
	}
	return errors.Join(err, v.SyncDir(v.Path(Quarantine)))
}

func write(fs FS, name string, content []byte) error {
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

func replace(fs FS, name string, content []byte) error {
	next := name + ".next"
	if err := fs.Remove(next); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := write(fs, next, content); err != nil {
		return err
	}
	if err := fs.Rename(next, name); err != nil {
		return err
	}
	return fs.SyncDir(filepath.Dir(name))
}
