// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package event

import (
	"encoding/binary"
	"errors"
)

var errIdentities = errors.New("packed identities are damaged")

// PackIdentities encodes identities as a text, with the lengths before types and values.
func PackIdentities(list []Identity) string {
	var b []byte
	for _, id := range list {
		b = AppendIdentity(b, id.Type, id.Value)
	}
	return string(b)
}

// AppendIdentity appends an identity to encoded ones.
func AppendIdentity[T ~string | ~[]byte](packed []byte, typ, value T) []byte {
	packed = append(binary.AppendUvarint(packed, uint64(len(typ))), typ...)
	return append(binary.AppendUvarint(packed, uint64(len(value))), value...)
}

// EachIdentity calls f for the identities in a text of PackIdentities.
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

// cutText removes a text with its length from the front.
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
