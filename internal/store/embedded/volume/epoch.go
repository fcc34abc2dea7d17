// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package volume

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	lockName  = "LOCK"
	epochName = "EPOCH"
)

// ErrLocked means that another process has the store open.
var ErrLocked = errors.New("the store is open in another process")

// errFenced means that another writer has taken over the store.
var errFenced = errors.New("another writer has taken over the store")

// readEpoch returns the epoch of the latest writer, or 0.
func readEpoch(fs FS, dir string) (uint64, error) {
	b, err := fs.ReadFile(filepath.Join(dir, epochName))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(b)), 10, 64)
	if err != nil || n == math.MaxUint64 {
		return 0, fmt.Errorf("%s is corrupt: it has to be a number below 2^64-1", filepath.Join(dir, epochName))
	}
	return n, nil
}

// NextEpoch makes the caller the latest writer of the folder. If the lock does not work, as on some network filesystems, an older writer finds the
// new epoch before its next record, and stops.
func NextEpoch(fs FS, dir string) (uint64, error) {
	n, err := readEpoch(fs, dir)
	if err != nil {
		return 0, err
	}
	n++
	return n, replace(fs, filepath.Join(dir, epochName), []byte(strconv.FormatUint(n, 10)+"\n"))
}

// Epoch returns the epoch of this writer. Each opening has the next one.
func (v *Volume) Epoch() uint64 { return v.epoch }

// CheckEpoch returns an error if this is no longer the latest writer. In that case, or if it cannot be determined, the volume is read-only from then on.
func (v *Volume) CheckEpoch() error {
	n, err := readEpoch(v.FS, v.dir)
	if err == nil && n != v.epoch {
		err = fmt.Errorf("%w: epoch %d, this one has %d", errFenced, n, v.epoch)
	}
	if err != nil {
		v.Fail(err.Error())
	}
	return err
}
