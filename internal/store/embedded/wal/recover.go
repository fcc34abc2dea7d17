// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wal

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// content is the content of the log.
type content struct {
	segments []segment
	lastSeq  int64
	number   int64
	// each is called for the commits in order, with their size in the log in bytes.
	each func(c *Commit, bytes int64) error
	// damage lists acknowledged data that cannot be read; empty if there are none.
	damage []string
	// cut lists where unacknowledged bytes at the end of segments are left out.
	cut []string
}

// parsed is one segment after reading.
type parsed struct {
	segment
	head    record
	records []recordPlace
	// failure is the reason why reading ended early, and offset the position.
	failure error
	offset  int
	// later is set if a complete record follows the failure, so that the failed record had been synced.
	later bool
	ended bool
}

// recordPlace is the position of a record with commits in its segment. Its body is read again when needed, so that the log is never in memory as a whole.
type recordPlace struct {
	seq    int64
	count  uint32
	offset int64
	size   int
}

// readLog reads all segments, and calls each for the commits. Those up to the seq `from`, inclusive, are already in sorted files.
//
// A record that cannot be read is a torn write, which was never acknowledged, if nothing was written after it: each record is synced before the
// next one is written. Otherwise acknowledged data are damaged, which is reported and never skipped silently. The only ambiguous case is damage
// to the very last record before a crash, which looks like a torn write. A proper shutdown leaves an end record after it.
func readLog(v *volume.Volume, from int64, each func(c *Commit, bytes int64) error) (*content, error) {
	names, err := v.List(v.Path(volume.Log))
	if err != nil {
		return nil, err
	}
	var numbers []int64
	for _, name := range names {
		if n, ok := segmentNumber(name); ok {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	log := &content{lastSeq: from, each: each}
	var all []*parsed
	for _, n := range numbers {
		p, err := parseSegment(v, n)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
		log.number = n
	}
	return log, log.join(v, all)
}

// parseSegment finds the records of a segment without holding more than one in memory.
func parseSegment(v *volume.Volume, number int64) (*parsed, error) {
	p := &parsed{segment: segment{number: number, name: segmentPath(v, number)}}
	f, err := v.Open(p.name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	reader := bufio.NewReaderSize(io.NewSectionReader(f, 0, math.MaxInt64), 1<<20)
	for at := 0; ; {
		r, n, err := nextRecord(reader)
		if errors.Is(err, io.EOF) {
			return p, nil
		}
		if isDamage(err) {
			p.failure, p.offset = err, at
			b, err := v.ReadFile(p.name)
			if err == nil && at < len(b) {
				p.later = anotherRecord(b[at+1:])
			}
			return p, err
		}
		if err != nil {
			return nil, err
		}
		switch r.kind {
		case kindHead:
			p.head = r
			if err := volume.CheckFormat(p.name, int64(r.count), Format); err != nil {
				return nil, err
			}
		case kindEnd:
			p.ended = true
		case kindCommits:
			p.records = append(p.records, recordPlace{seq: r.seq, count: r.count, offset: int64(at), size: n})
		default:
			return nil, fmt.Errorf("%s at byte %d: format %d has no record of kind %d", p.name, at, Format, r.kind)
		}
		at += n
	}
}

func isDamage(err error) bool {
	return errors.Is(err, errMagic) || errors.Is(err, errLength) || errors.Is(err, errChecksum)
}

// anotherRecord reports whether a complete record starts anywhere in b.
func anotherRecord(b []byte) bool {
	for i := 0; i+frameBytes+headBytes <= len(b); i++ {
		if b[i] != recordMagic&0xff {
			continue
		}
		if _, _, err := readRecord(b[i:]); err == nil {
			return true
		}
	}
	return false
}

// join joins the segments in the order of seq.
func (l *content) join(v *volume.Volume, all []*parsed) error {
	for i, p := range all {
		// Anything from the start of a later segment on was never acknowledged in this one.
		limit := int64(1<<63 - 1)
		for _, q := range all[i+1:] {
			if q.head.kind == kindHead {
				limit = min(limit, q.head.seq)
			}
		}
		if p.head.kind == kindHead && p.head.seq > l.lastSeq+1 {
			l.damage = append(l.damage, fmt.Sprintf("commits %d to %d are missing before %s", l.lastSeq+1, p.head.seq-1, p.name))
			l.lastSeq = p.head.seq - 1
		}
		if err := l.take(v, p, limit); err != nil {
			return err
		}
		if p.head.kind == kindHead {
			p.lastSeq = max(p.lastSeq, p.head.seq-1)
		}
		l.segments = append(l.segments, p.segment)
	}
	return nil
}

func (l *content) take(v *volume.Volume, p *parsed, limit int64) error {
	if err := l.takeRecords(v, p, limit); err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	if p.failure == nil {
		return nil
	}
	place := fmt.Sprintf("%s at byte %d: %v", p.name, p.offset, p.failure)
	if p.later || limit != 1<<63-1 && l.lastSeq+1 < limit {
		p.damaged = true
		l.damage = append(l.damage, place)
	} else {
		l.cut = append(l.cut, place)
	}
	return nil
}

func (l *content) takeRecords(v *volume.Volume, p *parsed, limit int64) error {
	f, err := v.Open(p.name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	for _, r := range p.records {
		if r.seq >= limit {
			break
		}
		p.lastSeq = r.seq + int64(r.count) - 1
		if p.lastSeq <= l.lastSeq {
			continue
		}
		if r.seq > l.lastSeq+1 {
			l.damage = append(l.damage, fmt.Sprintf("commits %d to %d are missing before %s", l.lastSeq+1, r.seq-1, p.name))
		}
		if err := l.give(f, r); err != nil {
			return err
		}
		l.lastSeq = p.lastSeq
	}
	return nil
}

// give decodes the commits of a record that were not read yet.
func (l *content) give(f volume.ReadFile, at recordPlace) error {
	content := make([]byte, at.size)
	if _, err := f.ReadAt(content, at.offset); err != nil {
		return err
	}
	r, _, err := readRecord(content)
	if err != nil {
		return err
	}
	known := l.lastSeq
	return r.each(func(c *Commit) error {
		if c.Seq <= known {
			return nil
		}
		return l.each(c, int64(at.size)/int64(r.count))
	})
}
