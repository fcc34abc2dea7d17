// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package parquet

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// fuzzedFile returns a small sorted file.
func fuzzedFile(t require.TestingT) []byte {
	var events []event.Event
	var persons []uint64
	for i := range 40 {
		events, persons = append(events, event.Event{
			ID: fmt.Sprint(i), Source: "shop", Channel: "web", Name: fmt.Sprint("Seen ", i%3), Time: int64(i), ReceivedAt: int64(i),
			Identities: []event.Identity{{Type: "anonymousId", Value: fmt.Sprint("a", i/4)}}, SessionID: fmt.Sprint("s", i/8),
		}), append(persons, uint64(i/4))
	}
	return sortedFile(t, blockOf(events, persons), 25, 40)
}

// FuzzSortedFile: damaged bytes give an error or rows, and never a panic. The rows can be wrong, because pages have no checksum; the store compares
// the checksum of the whole file first.
func FuzzSortedFile(f *testing.F) {
	content := fuzzedFile(f)
	f.Add(content)
	f.Add(content[:len(content)/2])
	f.Fuzz(func(_ *testing.T, content []byte) {
		_, _ = ours(content, Wants)
	})
}

// Changes bytes of pages and footer one at a time. There is no panic, and most changes are noticed.
func TestDamagedBytes(t *testing.T) {
	content := fuzzedFile(t)
	refused, tried := 0, 0
	for at := 0; at < len(content); at += 7 {
		damaged := append([]byte(nil), content...)
		damaged[at] ^= byte(1 << (at % 8))
		tried++
		if _, err := ours(damaged, Wants); err != nil {
			refused++
		}
	}
	require.Greater(t, refused, tried/4)
	_, err := ours(content[:len(content)/2], Wants)
	require.Error(t, err)
}

// FuzzSortedFileAsArrowReadsIt damages bytes of pages. If both readers can still read rows, the rows are the same, except that ours computes the classes
// of a group if the file does not have all of them. Both use the same code for the footer.
func FuzzSortedFileAsArrowReadsIt(f *testing.F) {
	whole := fuzzedFile(f)
	pages := len(whole) - 8 - int(binary.LittleEndian.Uint32(whole[len(whole)-8:]))
	f.Add(uint16(0), []byte{})
	f.Add(uint16(pages/2), []byte{7})
	f.Fuzz(func(t *testing.T, at uint16, instead []byte) {
		content := append([]byte(nil), whole...)
		copy(content[min(int(at), pages):pages], instead)
		got, err := ours(content, Wants)
		if err != nil {
			return
		}
		want, readable := theirsIfReadable(content)
		if !readable {
			return
		}
		class := 1 + slices.IndexFunc(Wants, func(w block.Want) bool { return w.Name == store.ColumnClass })
		for i, row := range want {
			if i < len(got) && got[i][class] != row[class] {
				require.Equal(t, classOf(t, got[i]), got[i][class], "neither the class in the file nor that of the columns")
				row[class] = got[i][class]
			}
		}
		require.Equal(t, want, got)
	})
}

// classOf computes the class of a row from its other columns.
func classOf(t *testing.T, row []string) string {
	t.Helper()
	column := func(name string) string {
		return row[1+slices.IndexFunc(Wants, func(w block.Want) bool { return w.Name == name })]
	}
	number := func(name string) int64 {
		n, err := strconv.ParseInt(column(name), 10, 64)
		require.NoError(t, err)
		return n
	}
	return event.NewClassTexts().Text(&event.Class{
		Source: column(store.ColumnSource), Channel: column(store.ColumnChannel), Name: column(store.ColumnEvent),
		Kind: event.Kind(number(store.ColumnKind)), Initiator: event.Initiator(number(store.ColumnInitiator)),
		Flags: event.Flags(number(store.ColumnFlags)), Late: number(store.ColumnReceivedAt)-number(store.ColumnTime) > event.LateAfter,
	})
}

// theirsIfReadable reads a damaged file with arrow-go, which panics on some of them.
func theirsIfReadable(content []byte) (rows [][]string, readable bool) {
	defer func() { readable = recover() == nil }()
	rows = theirs(refusing{}, content, Wants)
	anchor := 1 + slices.IndexFunc(Wants, func(w block.Want) bool { return w.Name == anchorColumn })
	for _, row := range rows {
		n, err := strconv.ParseUint(row[anchor], 10, 64)
		require.NoError(refusing{}, err)
		row[anchor] = fmt.Sprint(int64(n)) // as in blocks
	}
	return rows, true
}

// refusing is a test in which an error means that a file is not readable.
type refusing struct{}

func (refusing) Errorf(string, ...any) {}

func (refusing) FailNow() { panic("not readable") }
