// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wal

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// A log segment is a sequence of records. A record is what was written and synced at once: the commits of one group. Its frame is
//
//	magic u32 | length u32 of the rest | CRC-32C u32 of length and rest | kind u8 | epoch u64 | seq i64 | time i64 | count u32 | body
//
// little-endian. The first record of a segment is a head, whose seq is the first one that the segment can contain. Anything from that seq on in an
// earlier segment was never acknowledged. The count of a head is the format of the bodies after it. A segment that was closed properly ends with
// an end record.
const (
	// Format of the bodies of a segment. Frame and head are the same in every format, so that a program recognises a newer one, and does not mistake it
	// for a torn write.
	Format = 1

	recordMagic = 0x314d524a // "JRM1"
	frameBytes  = 12
	headBytes   = 1 + 8 + 8 + 8 + 4
	// maxRecordBytes is the size of the longest record that recovery accepts.
	maxRecordBytes = 256 << 20
)

const (
	kindHead uint8 = iota + 1
	kindCommits
	kindEnd
)

type record struct {
	kind  uint8
	epoch uint64
	// seq of the first commit; in an end record, of the last one
	seq   int64
	at    int64
	count uint32
	body  []byte
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// beginRecord reserves the frame and head at the start of a buffer.
func beginRecord(b []byte) []byte { return append(b[:0], make([]byte, frameBytes+headBytes)...) }

// finishRecord fills in the frame and head of a buffer that was started by beginRecord and contains the body.
func finishRecord(b []byte, r record) []byte {
	le := binary.LittleEndian
	le.PutUint32(b, recordMagic)
	le.PutUint32(b[4:], uint32(len(b)-frameBytes))
	h := b[frameBytes:]
	h[0] = r.kind
	le.PutUint64(h[1:], r.epoch)
	le.PutUint64(h[9:], uint64(r.seq))
	le.PutUint64(h[17:], uint64(r.at))
	le.PutUint32(h[25:], r.count)
	le.PutUint32(b[8:], checksum(b))
	return b
}

func checksum(b []byte) uint32 {
	return crc32.Update(crc32.Checksum(b[4:8], castagnoli), castagnoli, b[frameBytes:])
}

var (
	errMagic    = errors.New("no record starts here")
	errLength   = errors.New("the record is longer than the file")
	errChecksum = errors.New("the record's checksum differs")
)

// readRecord returns the record at the start of b and its total length.
func readRecord(b []byte) (record, int, error) {
	n, err := recordLength(b[:min(len(b), frameBytes+headBytes)])
	if err != nil {
		return record{}, 0, err
	}
	if n > len(b) {
		return record{}, 0, errLength
	}
	b = b[:n]
	if checksum(b) != binary.LittleEndian.Uint32(b[8:]) {
		return record{}, 0, errChecksum
	}
	r := headOf(b[frameBytes:])
	r.body = b[frameBytes+headBytes:]
	return r, n, nil
}

// recordLength reads the frame of a record that starts with head.
func recordLength(head []byte) (int, error) {
	le := binary.LittleEndian
	if len(head) < frameBytes+headBytes {
		return 0, errLength
	}
	if le.Uint32(head) != recordMagic {
		return 0, errMagic
	}
	n := int(le.Uint32(head[4:]))
	if n < headBytes || n > maxRecordBytes {
		return 0, errLength
	}
	return frameBytes + n, nil
}

func headOf(h []byte) record {
	le := binary.LittleEndian
	return record{
		kind: h[0], epoch: le.Uint64(h[1:]), seq: int64(le.Uint64(h[9:])), at: int64(le.Uint64(h[17:])), count: le.Uint32(h[25:]),
	}
}

// nextRecord reads a record without keeping its body, and returns its total length, or io.EOF at the end.
func nextRecord(from *bufio.Reader) (record, int, error) {
	head, err := from.Peek(frameBytes + headBytes)
	if len(head) == 0 && errors.Is(err, io.EOF) {
		return record{}, 0, io.EOF
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return record{}, 0, err
	}
	n, err := recordLength(head)
	if err != nil {
		return record{}, 0, err
	}
	r, want := headOf(head[frameBytes:]), binary.LittleEndian.Uint32(head[8:])
	sum := crc32.New(castagnoli)
	_, _ = sum.Write(head[4:8]) // a hash accepts everything
	_, _ = from.Discard(frameBytes)
	if _, err := io.CopyN(sum, from, int64(n-frameBytes)); errors.Is(err, io.EOF) {
		return record{}, 0, errLength
	} else if err != nil {
		return record{}, 0, err
	}
	if sum.Sum32() != want {
		return record{}, 0, errChecksum
	}
	return r, n, nil
}

// each decodes the commits of the body in order.
func (r *record) each(take func(c *Commit) error) error {
	d := decoder{rest: string(r.body)}
	for i := range int64(r.count) {
		c := d.commit()
		if d.err != nil {
			return fmt.Errorf("commit %d: %w", r.seq+i, d.err)
		}
		c.Seq, c.At = r.seq+i, r.at
		if err := take(&c); err != nil {
			return err
		}
	}
	if d.rest != "" {
		return fmt.Errorf("record of commit %d: %d bytes too many", r.seq, len(d.rest))
	}
	return nil
}
