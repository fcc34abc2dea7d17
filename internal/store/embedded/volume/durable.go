// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package volume

import (
	"errors"
	"os"
	"path/filepath"
)

// Write makes a new file with the content, durable together with its name.
func (v *Volume) Write(path string, content []byte) error { return write(v.FS, path, content) }

// Replace puts the content into the place of a file at once: after a crash there is either the old or the new one.
func (v *Volume) Replace(path string, content []byte) error { return replace(v.FS, path, content) }

// RemoveIfThere removes a file; one that is gone already is no error.
func (v *Volume) RemoveIfThere(path string) error {
	if err := v.Remove(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// Quarantine puts a damaged file aside; one that is gone already is no error.
func (v *Volume) Quarantine(path string) error {
	if err := v.MkdirAll(v.Path(Quarantine)); err != nil {
		return err
	}
	if err := v.Rename(path, v.Path(Quarantine, filepath.Base(path))); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// EmptyQuarantine removes what was put aside.
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
