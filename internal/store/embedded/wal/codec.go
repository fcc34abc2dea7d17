// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wal

import (
	"encoding/binary"
	"encoding/json"
	"errors"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// commitHead is what a commit contains of a batch in addition to its events.
type commitHead struct {
	store.Counters
	Trust *store.Trust `json:"trust,omitempty"`
	Moves []store.Move `json:"moves,omitempty"`
	// Import that the events belong to.
	Import string `json:"import,omitempty"`
}

var errShort = errors.New("record is truncated")

// appendCommit appends the commit, without seq and time, which are in the head of the record.
func appendCommit(b []byte, c *Commit) ([]byte, error) {
	b = appendBytes(b, c.Source)
	counters, err := json.Marshal(commitHead{Counters: c.Counters, Trust: c.Trust, Moves: c.Moves, Import: c.Import})
	if err != nil {
		return nil, err
	}
	b = appendBytes(b, counters)
	for _, n := range []int64{c.Answer.Duplicates, c.Answer.Expired, c.Answer.Erased, c.NewestReceived, int64(len(c.Events))} {
		b = binary.AppendVarint(b, n)
	}
	for i := range c.Events {
		b = appendEvent(binary.AppendVarint(b, int64(c.Indexes[i])), &c.Events[i])
	}
	return b, nil
}

func appendBytes[T string | []byte | json.RawMessage](b []byte, s T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendEvent(b []byte, e *event.Event) []byte {
	b = append(b, byte(e.Kind), byte(e.Initiator), byte(e.TimeSource), byte(e.Flags))
	for _, n := range [...]int64{e.Time, e.ReceivedAt - e.Time, e.Amount, e.Survey.Score, e.Survey.Scale, e.MappingGeneration} {
		b = binary.AppendVarint(b, n)
	}
	for _, s := range [...]string{e.ID, e.Channel, e.Name, e.SessionID, e.OrderID, e.Currency, e.Survey.Kind} {
		b = appendBytes(b, s)
	}
	for _, s := range [...]json.RawMessage{e.Traits, e.Groups, e.Items, e.Properties} {
		b = appendBytes(b, s)
	}
	b = binary.AppendUvarint(b, uint64(len(e.Identities)))
	for _, id := range e.Identities {
		b = appendBytes(appendBytes(b, id.Type), id.Value)
	}
	return b
}

// decoder decodes the results of the append functions. After the first error, all results are zero.
type decoder struct {
	rest string
	err  error
}

func (d *decoder) fail() { d.rest, d.err = "", errShort }

func (d *decoder) byte() byte {
	if d.rest == "" {
		d.fail()
		return 0
	}
	v := d.rest[0]
	d.rest = d.rest[1:]
	return v
}

func (d *decoder) uvarint() uint64 {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		b := d.byte()
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return v
		}
	}
	d.fail()
	return 0
}

func (d *decoder) varint() int64 {
	u := d.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

// text shares the memory of the record.
func (d *decoder) text() string {
	n := d.uvarint()
	if n > uint64(len(d.rest)) {
		d.fail()
		return ""
	}
	s := d.rest[:n]
	d.rest = d.rest[n:]
	return s
}

func (d *decoder) document() json.RawMessage {
	if s := d.text(); s != "" {
		return json.RawMessage(s)
	}
	return nil
}

// count reads a number of items that have at least one byte each.
func (d *decoder) count(n int64) int {
	if n < 0 || n > int64(len(d.rest)) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *decoder) commit() Commit {
	c := Commit{Source: d.text()}
	var head commitHead
	if err := json.Unmarshal([]byte(d.text()), &head); err != nil && d.err == nil {
		d.err = err
	}
	c.Counters, c.Trust, c.Moves, c.Import = head.Counters, head.Trust, head.Moves, head.Import
	c.Answer = store.Appended{Duplicates: d.varint(), Expired: d.varint(), Erased: d.varint()}
	c.NewestReceived = d.varint()
	n := d.count(d.varint())
	c.Events, c.Indexes = make([]event.Event, n), make([]int32, n)
	for i := range c.Events {
		c.Indexes[i] = int32(d.varint())
		d.event(&c.Events[i], c.Source)
	}
	return c
}

func (d *decoder) event(e *event.Event, source string) {
	e.Source = source
	e.Kind, e.Initiator = event.Kind(d.byte()), event.Initiator(d.byte())
	e.TimeSource, e.Flags = event.TimeSource(d.byte()), event.Flags(d.byte())
	e.Time = d.varint()
	e.ReceivedAt = e.Time + d.varint()
	e.Amount, e.Survey.Score, e.Survey.Scale, e.MappingGeneration = d.varint(), d.varint(), d.varint(), d.varint()
	for _, s := range [...]*string{&e.ID, &e.Channel, &e.Name, &e.SessionID, &e.OrderID, &e.Currency, &e.Survey.Kind} {
		*s = d.text()
	}
	for _, s := range [...]*json.RawMessage{&e.Traits, &e.Groups, &e.Items, &e.Properties} {
		*s = d.document()
	}
	e.Identities = make([]event.Identity, d.count(int64(d.uvarint())))
	for i := range e.Identities {
		e.Identities[i] = event.Identity{Type: d.text(), Value: d.text()}
	}
}
