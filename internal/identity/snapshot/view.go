// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package snapshot

import (
	"bytes"
	"encoding/binary"
	"errors"

	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

const (
	// viewMagic begins the persons of a view; its last byte is the format. After it come the number of anchors, the anchors in ascending order, the
	// numbers of their persons, and the XXH3 checksum of everything before it.
	viewMagic = "JMVIEWS\x01"
	// ViewFormat is the format of the persons of a view.
	ViewFormat = 1
)

// EncodeView writes the persons of a view, without its version.
func EncodeView(v *identity.View) []byte {
	anchors, persons := v.Mapping()
	b := make([]byte, 0, ViewBytes(v))
	b = binary.LittleEndian.AppendUint64(append(b, viewMagic...), uint64(len(anchors)))
	for _, list := range [][]event.Anchor{anchors, persons} {
		for _, a := range list {
			b = binary.LittleEndian.AppendUint64(b, uint64(a))
		}
	}
	return binary.LittleEndian.AppendUint64(b, xxh3.Hash(b))
}

// ViewBytes returns the size of the persons of a view.
func ViewBytes(v *identity.View) int64 {
	anchors, _ := v.Mapping()
	return int64(len(viewMagic) + 8 + 16*len(anchors) + sumBytes)
}

// CheckViewFormat returns a FormatError if bytes begin like the persons of a view in another format.
func CheckViewFormat(b []byte) error {
	if len(b) > name && bytes.HasPrefix(b, []byte(viewMagic[:name])) && b[name] != ViewFormat {
		return &FormatError{Found: int64(b[name]), Supported: ViewFormat}
	}
	return nil
}

// DecodeView returns a view with a version. It returns ErrCorrupt for damaged bytes, and a FormatError for another format.
func DecodeView(b []byte, version int64) (*identity.View, error) {
	if len(b) < len(viewMagic)+8+sumBytes || !bytes.HasPrefix(b, []byte(viewMagic[:name])) {
		return nil, Corrupt(errors.New("no view starts here"))
	}
	b, sum := b[:len(b)-sumBytes], binary.LittleEndian.Uint64(b[len(b)-sumBytes:])
	if xxh3.Hash(b) != sum {
		return nil, Corrupt(errors.New("checksum differs"))
	}
	if err := CheckViewFormat(b); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint64(b[len(viewMagic):])
	if b = b[len(viewMagic)+8:]; len(b)%16 != 0 || n != uint64(len(b)/16) {
		return nil, Corrupt(errors.New("length differs from the number of anchors"))
	}
	lists := make([]event.Anchor, 2*n)
	for i := range lists {
		lists[i] = event.Anchor(binary.LittleEndian.Uint64(b[8*i:]))
	}
	anchors, persons := lists[:n:n], lists[n:]
	for i, a := range anchors {
		if i > 0 && a <= anchors[i-1] || a == persons[i] {
			return nil, Corrupt(errors.New("anchors are out of order"))
		}
	}
	return identity.NewView(version, anchors, persons), nil
}
