// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// A log segment is a sequence of records. A record is what was written and synced at once: the commits of one group. Its frame is
//
//	magic u32 | length u32 of the rest | CRC-32C u32 of length and rest | kind u8 | epoch u64 | seq i64 | time i64 | count u32 | body
//
// little-endian. The first record of a segment is a head, whose seq is the first one that the segment may hold; what an
// earlier segment holds from that seq on was never acknowledged. A segment that was closed in order ends with an end record.
const (
	recordMagic = 0x314d524a // "JRM1"
	frameBytes  = 12
	headBytes   = 1 + 8 + 8 + 8 + 4
	// maxRecordBytes is the longest record that recovery believes in.
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
	// seq of the first commit; in an end record, of the last one.
	seq   int64
	at    int64
	count uint32
	body  []byte
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// beginRecord reserves the frame and head at the start of a buffer.
func beginRecord(b []byte) []byte { return append(b[:0], make([]byte, frameBytes+headBytes)...) }

// finishRecord fills in the frame and head of a buffer that beginRecord made and the body was added to.
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
	errMagic    = errors.New("no record begins here")
	errLength   = errors.New("the record is longer than the file")
	errChecksum = errors.New("the record's checksum differs")
)

// readRecord gives the record at the start of b and its whole length.
func readRecord(b []byte) (record, int, error) {
	le := binary.LittleEndian
	if len(b) < frameBytes+headBytes {
		return record{}, 0, errLength
	}
	if le.Uint32(b) != recordMagic {
		return record{}, 0, errMagic
	}
	n := int(le.Uint32(b[4:]))
	if n < headBytes || n > maxRecordBytes || n > len(b)-frameBytes {
		return record{}, 0, errLength
	}
	b = b[:frameBytes+n]
	if checksum(b) != le.Uint32(b[8:]) {
		return record{}, 0, errChecksum
	}
	h := b[frameBytes:]
	return record{
		kind: h[0], epoch: le.Uint64(h[1:]), seq: int64(le.Uint64(h[9:])), at: int64(le.Uint64(h[17:])),
		count: le.Uint32(h[25:]), body: h[headBytes:],
	}, len(b), nil
}

// commits decodes the body.
func (r *record) commits() ([]commit, error) {
	d := decoder{rest: string(r.body)}
	list := make([]commit, 0, min(int(r.count), len(r.body)))
	for i := range int64(r.count) {
		c := d.commit()
		if d.err != nil {
			return nil, fmt.Errorf("commit %d: %w", r.seq+i, d.err)
		}
		c.seq, c.at = r.seq+i, r.at
		list = append(list, c)
	}
	if d.rest != "" {
		return nil, fmt.Errorf("record of commit %d: %d bytes too many", r.seq, len(d.rest))
	}
	return list, nil
}
