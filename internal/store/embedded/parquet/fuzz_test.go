// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package parquet

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// fuzzedFile is a small sorted file.
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

// FuzzSortedFile: damaged bytes give an error or rows, and never a panic. The rows may be wrong ones: pages have no checksum, so that a part is
// read only after the one of its whole file was compared.
func FuzzSortedFile(f *testing.F) {
	content := fuzzedFile(f)
	f.Add(content)
	f.Add(content[:len(content)/2])
	f.Fuzz(func(_ *testing.T, content []byte) {
		_, _ = ours(content, Wants)
	})
}

// TestDamagedBytes changes bytes of pages and footer one at a time: there is no panic, and most changes are seen.
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
