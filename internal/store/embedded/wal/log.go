// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package wal is the write-ahead log: commits in records, records in segments, and what can be read of them after a crash.
package wal

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// Log is an open log. One goroutine uses it at a time.
type Log struct {
	volume *volume.Volume
	// segmentBytes is when a segment is full.
	segmentBytes int64
	logger       *slog.Logger
	current      *segmentWriter
	segments     []segment
	number       int64
	buffer       []byte
}

// Report says what an opening found in the log.
type Report struct {
	// LastSeq is that of the newest commit.
	LastSeq int64
	// Damage says what of the acknowledged commits cannot be read; empty when all is well.
	Damage []string
	// Cut says where unacknowledged bytes at the end of segments are left out.
	Cut []string
}

// Open the log of a volume. It calls each with the commits behind the seq `after`, in their order, and with the bytes of the log that
// they take. A segment that grows beyond segmentBytes is ended.
func Open(v *volume.Volume, segmentBytes int64, logger *slog.Logger, after int64, each func(c *Commit, bytes int64) error) (*Log, Report, error) {
	found, err := readLog(v, after, each)
	if err != nil {
		return nil, Report{}, err
	}
	l := &Log{volume: v, segmentBytes: segmentBytes, logger: logger, segments: found.segments, number: found.number}
	return l, Report{LastSeq: found.lastSeq, Damage: found.damage, Cut: found.cut}, nil
}

// Write makes commits durable with one write and one sync, and gives the bytes that they take. Their seqs follow each other and the
// newest one of the log. After any error the segment is given up: whether its last record is on the disk is not known, and a second sync
// of the same file could claim that it is. The next segment's head says that it does not count.
func (l *Log) Write(group []*Commit) (bytes int64, err error) {
	body := beginRecord(l.buffer)
	for _, c := range group {
		if body, err = appendCommit(body, c); err != nil {
			return 0, err
		}
	}
	l.buffer = body
	if len(body)-frameBytes > maxRecordBytes {
		return 0, fmt.Errorf("a record of %d bytes is too long", len(body))
	}
	first, last := group[0], group[len(group)-1]
	body = finishRecord(body, record{kind: kindCommits, epoch: l.volume.Epoch(), seq: first.Seq, at: first.At, count: uint32(len(group))})
	if l.current == nil {
		l.number++
		if l.current, err = newSegment(l.volume, l.number, first.Seq); err != nil {
			return 0, err
		}
	}
	if err := l.current.write(body); err != nil {
		l.abandon()
		return 0, err
	}
	l.current.lastSeq = last.Seq
	if l.current.size >= l.segmentBytes {
		l.EndSegment()
	}
	return int64(len(body)), nil
}

func (l *Log) abandon() {
	l.logger.Error("abandoning a segment of the log after a failed write", "segment", l.current.name)
	_ = l.current.file.Close()
	l.segments = append(l.segments, l.current.segment)
	l.current = nil
}

// EndSegment closes the current segment, which gets no more.
func (l *Log) EndSegment() {
	if l.current == nil {
		return
	}
	if err := l.current.end(); err != nil {
		// All commits in it were synced before; only the end record is missing.
		l.logger.Error("a segment of the log could not be closed", "error", err)
	}
	l.segments = append(l.segments, l.current.segment)
	l.current = nil
}

// RemoveUpTo removes the ended segments whose commits are all up to the seq. Damaged ones go to the quarantine.
func (l *Log) RemoveUpTo(seq int64) error {
	var kept []segment
	var err error
	for _, g := range l.segments {
		switch {
		case g.lastSeq > seq:
			kept = append(kept, g)
		case g.damaged:
			err = errors.Join(err, l.volume.Quarantine(g.name))
		default:
			err = errors.Join(err, l.volume.RemoveIfThere(g.name))
		}
	}
	l.segments = kept
	return err
}

// Each reads the log again, and calls f with the commits behind the seq `after`. It gives the number of segments.
func (l *Log) Each(after int64, f func(c *Commit) error) (segments int64, err error) {
	found, err := readLog(l.volume, after, func(c *Commit, _ int64) error { return f(c) })
	if err != nil {
		return 0, err
	}
	return int64(len(found.segments)), nil
}

// Close ends the current segment.
func (l *Log) Close() error {
	if l.current == nil {
		return nil
	}
	err := l.current.end()
	l.current = nil
	if err != nil {
		return fmt.Errorf("end of the log: %w", err)
	}
	return nil
}
