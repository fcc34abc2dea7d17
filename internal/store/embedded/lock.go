// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	lockName  = "LOCK"
	epochName = "EPOCH"
)

// ErrLocked says that another process has the store open.
var ErrLocked = errors.New("the store is open in another process")

// errFenced says that another writer has taken the store over.
var errFenced = errors.New("another writer has taken the store over")

// lockDir takes the folder for this process. The kernel gives it free when the process ends, however it ends.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o640)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("%s: %w; there is one writer at a time", dir, ErrLocked)
		}
		return nil, err
	}
	return f, nil
}

// readEpoch gives the epoch of the newest writer, 0 for none.
func readEpoch(fs FS, dir string) (uint64, error) {
	b, err := fs.ReadFile(filepath.Join(dir, epochName))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(b)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", epochName, err)
	}
	return n, nil
}

// nextEpoch makes this process the newest writer. Where the lock does not hold, as on some network filesystems, an older writer finds
// the new epoch before its next record, and stops.
func nextEpoch(fs FS, dir string) (uint64, error) {
	n, err := readEpoch(fs, dir)
	if err != nil {
		return 0, err
	}
	n++
	return n, replaceWhole(fs, filepath.Join(dir, epochName), []byte(strconv.FormatUint(n, 10)+"\n"))
}

func checkEpoch(fs FS, dir string, mine uint64) error {
	n, err := readEpoch(fs, dir)
	if err != nil {
		return err
	}
	if n != mine {
		return fmt.Errorf("%w: epoch %d, this one has %d", errFenced, n, mine)
	}
	return nil
}
