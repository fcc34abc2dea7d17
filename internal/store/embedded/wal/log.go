// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package wal is the write-ahead log: commits in records, records in segments, and recovery after a crash.
package wal

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// Log is an open log. It must not be used by several goroutines at once.
type Log struct {
	volume *volume.Volume
	// segmentBytes is the size at which a segment is full.
	segmentBytes int64
	logger       *slog.Logger
	current      *segmentWriter
	segments     []segment
	number       int64
	buffer       []byte
}

// Report is the result of opening the log.
type Report struct {
	// LastSeq is the seq of the latest commit.
	LastSeq int64
	// Damage lists the acknowledged commits that cannot be read; empty if there are none.
	Damage []string
	// Cut lists where unacknowledged bytes at the end of segments were left out.
	Cut []string
}

// Open opens the log of a volume. It calls each for the commits after the seq `after`, in order, with their size in the log in bytes. A segment that
// grows beyond segmentBytes is closed.
func Open(v *volume.Volume, segmentBytes int64, logger *slog.Logger, after int64, each func(c *Commit, bytes int64) error) (*Log, Report, error) {
	found, err := readLog(v, after, each)
	if err != nil {
		return nil, Report{}, err
	}
	l := &Log{volume: v, segmentBytes: segmentBytes, logger: logger, segments: found.segments, number: found.number}
	return l, Report{LastSeq: found.lastSeq, Damage: found.damage, Cut: found.cut}, nil
}

// Write makes commits durable with one write and one sync, and returns their size in bytes. Their seqs are consecutive and continue those of the log.
// After any error the segment is abandoned: it is unknown whether its last record is on disk, and a second sync of the same file could claim that it
// is. The head of the next segment invalidates it.
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

// EndSegment closes the current segment.
func (l *Log) EndSegment() {
	if l.current == nil {
		return
	}
	if err := l.current.end(); err != nil {
		// All commits in it were synced before. Only the end record is missing.
		l.logger.Error("a segment of the log could not be closed", "error", err)
	}
	l.segments = append(l.segments, l.current.segment)
	l.current = nil
}

// RemoveUpTo removes the closed segments whose commits are all up to the seq. Damaged ones are moved to the quarantine.
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

// Each reads the log again, and calls f for the commits after the seq `after`. It returns the number of segments.
func (l *Log) Each(after int64, f func(c *Commit) error) (segments int64, err error) {
	found, err := readLog(l.volume, after, func(c *Commit, _ int64) error { return f(c) })
	if err != nil {
		return 0, err
	}
	return int64(len(found.segments)), nil
}

// Close closes the current segment.
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
