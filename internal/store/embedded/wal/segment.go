// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wal

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

const segmentSuffix = ".log"

// segment is a file of the log.
type segment struct {
	number int64
	name   string
	// lastSeq is the latest commit in it, or the one before its first.
	lastSeq int64
	// damaged segments are moved to the quarantine instead of being removed.
	damaged bool
}

// segmentWriter appends records to a new segment. It cannot be used after an error.
type segmentWriter struct {
	segment
	file  volume.File
	epoch uint64
	size  int64
}

func segmentPath(v *volume.Volume, number int64) string {
	return v.Path(volume.Log, fmt.Sprintf("%012d%s", number, segmentSuffix))
}

func segmentNumber(name string) (int64, bool) {
	digits, ok := strings.CutSuffix(name, segmentSuffix)
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, ok && err == nil
}

// newSegment makes the file, its head and its name durable.
func newSegment(v *volume.Volume, number, firstSeq int64) (*segmentWriter, error) {
	name := segmentPath(v, number)
	f, err := v.Create(name)
	if err != nil {
		return nil, err
	}
	w := &segmentWriter{segment: segment{number: number, name: name, lastSeq: firstSeq - 1}, file: f, epoch: v.Epoch()}
	head := finishRecord(beginRecord(nil), record{kind: kindHead, epoch: w.epoch, seq: firstSeq, count: Format})
	if err := w.write(head); err != nil {
		return nil, errors.Join(err, f.Close(), v.Remove(name))
	}
	if err := v.SyncDir(v.Path(volume.Log)); err != nil {
		return nil, errors.Join(err, f.Close(), v.Remove(name))
	}
	return w, nil
}

// write appends a complete record to the file and makes it durable.
func (w *segmentWriter) write(b []byte) error {
	n, err := w.file.Write(b)
	w.size += int64(n)
	if err != nil {
		return fmt.Errorf("write %s: %w", w.name, err)
	}
	if err := w.file.Sync(); err != nil {
		return fmt.Errorf("sync %s: %w", w.name, err)
	}
	return nil
}

// end closes the segment properly.
func (w *segmentWriter) end() error {
	err := w.write(finishRecord(beginRecord(nil), record{kind: kindEnd, epoch: w.epoch, seq: w.lastSeq}))
	return errors.Join(err, w.file.Close())
}
