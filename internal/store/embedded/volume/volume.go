// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package volume is the data folder of a store: its subfolders, unique file names, durable writes, the lock and the epoch of the single writer, the
// free space, and the error that makes the store read-only.
package volume

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/journeyman-dev/journeyman/internal/store"
)

// Folder of a volume.
type Folder string

// The folders in the data folder.
const (
	Root       Folder = ""
	Log        Folder = "log"
	Data       Folder = "data"
	Keys       Folder = "keys"
	Identity   Folder = "identity"
	Results    Folder = "results"
	Pins       Folder = "pins"
	Quarantine Folder = "quarantine"
	Temp       Folder = "tmp"
)

// Volume is an open data folder. It is safe for concurrent use.
type Volume struct {
	FS

	dir     string
	minFree int64
	log     *slog.Logger
	lock    io.Closer
	epoch   uint64
	id      string
	names   atomic.Int64
	fault   atomic.Pointer[string]
}

// Open locks the folder for this process, and creates it and its subfolders if necessary. minFree is the number of bytes to keep free on it. It
// returns ErrLocked if another process has it.
func Open(fs FS, dir string, minFree int64, log *slog.Logger) (*Volume, error) {
	v := &Volume{FS: fs, dir: dir, minFree: minFree, log: log}
	if err := v.makeFolders(); err != nil {
		return nil, err
	}
	var err error
	if v.lock, err = fs.Lock(filepath.Join(dir, lockName)); errors.Is(err, ErrLocked) {
		return nil, fmt.Errorf("%s: %w; there is one writer at a time", dir, err)
	}
	if err != nil {
		return nil, err
	}
	if v.epoch, err = NextEpoch(fs, dir); err == nil {
		v.id, err = dataID(fs, dir)
	}
	if err != nil {
		return nil, errors.Join(err, v.Close())
	}
	return v, nil
}

func (v *Volume) makeFolders() error {
	_, err := v.Size(v.dir)
	missing := errors.Is(err, os.ErrNotExist)
	for _, f := range []Folder{Root, Log, Data, Keys, Identity, Results, Pins} {
		if err := v.MkdirAll(v.Path(f)); err != nil {
			return err
		}
	}
	if missing {
		if err := v.SyncDir(filepath.Dir(filepath.Clean(v.dir))); err != nil {
			return err
		}
	}
	return v.SyncDir(v.dir)
}

// Close releases the folder.
func (v *Volume) Close() error { return v.lock.Close() }

// Path returns the path of a file in a folder, or of the folder without a name.
func (v *Volume) Path(f Folder, name ...string) string {
	return filepath.Join(append([]string{v.dir, string(f)}, name...)...)
}

// ID returns the id of the data, which is stored on the volume.
func (v *Volume) ID() string { return v.id }

// NewName returns a name that was never used on this volume.
func (v *Volume) NewName(suffix string) string {
	return fmt.Sprintf("%012d.%s", v.names.Add(1), suffix)
}

// Names returns the number of the latest name. A manifest stores it, and the next opening continues from there with NamesFrom.
func (v *Volume) Names() int64 { return v.names.Load() }

// NamesFrom continues after a number.
func (v *Volume) NamesFrom(newest int64) { v.names.Store(newest) }

// Free returns the free bytes of the volume, and whether they are less than what is to be kept free.
func (v *Volume) Free() (bytes int64, full bool, err error) {
	bytes, err = v.FS.Free(v.dir)
	return bytes, bytes < v.minFree, err
}

// Room returns store.ErrFull if there is less space than is to be kept free.
func (v *Volume) Room() error { return v.RoomFor(0) }

// RoomFor returns store.ErrFull if there would be less space than is to be kept free after writing some bytes.
func (v *Volume) RoomFor(bytes int64) error {
	free, _, err := v.Free()
	if err != nil {
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	if free >= v.minFree && free-bytes < v.minFree {
		return fmt.Errorf("%w: %d bytes are free, %d are needed now, and %d are reserved for flushes, compaction and erasure", store.ErrFull, free, bytes, v.minFree)
	}
	if free < v.minFree {
		return fmt.Errorf("%w: %d bytes are free, %d are reserved for flushes, compaction and erasure", store.ErrFull, free, v.minFree)
	}
	return nil
}

// Fail makes the volume read-only from now on.
func (v *Volume) Fail(why string) {
	v.fault.Store(&why)
	v.log.Error("the store is read-only", "why", why)
}

// Fault returns why the volume is read-only, or an empty text.
func (v *Volume) Fault() string {
	if why := v.fault.Load(); why != nil {
		return *why
	}
	return ""
}

// Healthy returns store.ErrUnavailable if the volume is read-only.
func (v *Volume) Healthy() error {
	if why := v.Fault(); why != "" {
		return fmt.Errorf("%w: %s", store.ErrUnavailable, why)
	}
	return nil
}

// WriteError returns the error of a write in the form of the contract: store.ErrFull if there was no space, otherwise store.ErrUnavailable.
func WriteError(err error) error {
	if noRoom(err) {
		return fmt.Errorf("%w: %w", store.ErrFull, err)
	}
	return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
}
