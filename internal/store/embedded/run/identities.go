// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package run

import (
	"encoding/binary"
	"encoding/json"
	"errors"

	"github.com/journeyman-dev/journeyman/internal/event"
)

var errIdentities = errors.New("run: identities are damaged")

// PackIdentities gives identities as a text in which lengths stand before types and values.
func PackIdentities(list []event.Identity) string {
	var b []byte
	for _, id := range list {
		for _, text := range [...]string{id.Type, id.Value} {
			b = append(binary.AppendUvarint(b, uint64(len(text))), text...)
		}
	}
	return string(b)
}

// EachIdentity reads what PackIdentities wrote.
func EachIdentity(packed string, f func(typ, value string)) error {
	for packed != "" {
		var typ, value string
		var ok bool
		if typ, packed, ok = cutText(packed); !ok {
			return errIdentities
		}
		if value, packed, ok = cutText(packed); !ok {
			return errIdentities
		}
		f(typ, value)
	}
	return nil
}

// cutText takes a text with its length from the front.
func cutText(packed string) (text, rest string, ok bool) {
	size := uint64(0)
	for i := 0; i < len(packed) && i < binary.MaxVarintLen64; i++ {
		size |= uint64(packed[i]&0x7f) << (7 * i)
		if packed[i] < 0x80 {
			packed = packed[i+1:]
			if size > uint64(len(packed)) {
				return "", "", false
			}
			return packed[:size], packed[size:], true
		}
	}
	return "", "", false
}

// identitiesJSON gives the identities as a scan gives them.
func identitiesJSON(packed string) string {
	list := []event.Identity{}
	err := EachIdentity(packed, func(typ, value string) { list = append(list, event.Identity{Type: typ, Value: value}) })
	if err == nil {
		var b []byte
		if b, err = json.Marshal(list); err == nil {
			return string(b)
		}
	}
	panic(err) // PackIdentities wrote it, into memory.
}
