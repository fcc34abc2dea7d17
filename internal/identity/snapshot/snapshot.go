// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package snapshot is the format of a table of persons on disk: a head, identifiers, links and pairs that are kept apart, with a checksum. Persons
// are not stored: they are computed from identifiers and links. A view has a format of its own, with the persons alone.
package snapshot

import (
	"errors"
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

const (
	// magic is the beginning of a snapshot; its last byte is the format. It is followed by the length of the head, the head as JSON, the identifiers, the
	// links, the pairs that are kept apart, and the XXH3 checksum of everything before it. Magic and checksum have these places in every format.
	magic = "JMIDENT\x01"
	name  = len(magic) - 1
	// Format of a snapshot.
	Format = 1
)

const (
	nodeBytes = 8 + 2 + 1
	linkBytes = 4 + 4 + 4 + 1 + 8 + 8 + 8
	pairBytes = 4 + 4 + 4
	sumBytes  = 8
)

// ErrCorrupt means that a snapshot is incomplete or damaged.
var ErrCorrupt = errors.New("identity snapshot is corrupt")

// FormatError says that a snapshot is complete, and has a format that this program does not support.
type FormatError struct{ Found, Supported int64 }

func (e *FormatError) Error() string {
	return fmt.Sprintf("identity snapshot has format %d; this program supports format %d", e.Found, e.Supported)
}

// Head is the head of a snapshot.
type Head struct {
	Seq      int64             `json:"seq"`
	Version  int64             `json:"version"`
	MaxLinks map[string]int    `json:"maxLinks"`
	Types    []string          `json:"types"`
	Sources  []identity.Source `json:"sources"`
	Nodes    int               `json:"nodes"`
	// Links counts the statements of sources. There can be several about one pair.
	Links int `json:"edges"`
	Apart int `json:"apart,omitempty"`
}

// Node is an identifier. Type is its index in Head.Types; Flags are defined by the table.
type Node struct {
	Anchor event.Anchor
	Type   uint16
	Flags  uint8
}

// Link is what one source states about two identifiers. They and the source are given by their indexes.
type Link struct {
	Strong, Weak, Source uint32
	Alias                bool
	Time                 int64
	Key                  event.Key
}

// Pair is kept apart because of the identifier By, which is NoReason if that was erased. All three are indexes of identifiers.
type Pair struct{ A, B, By uint32 }

// NoReason replaces the identifier because of which a pair is kept apart, if it was erased.
const NoReason = ^uint32(0)
