// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package budget

import "bytes"

// Maximum memory in bytes of a part of a JSON document while it is decoded into maps, lists and texts, and encoded again. TestWeight measures them.
const (
	// weightBase is for what every request needs.
	weightBase = 8 << 10
	// weightObject is a map with its first group of fields, and what a transport keeps for each document.
	weightObject = 512
	// weightValue is an element, or a field next to another one.
	weightValue = 72
	// weightByte is for texts: in the decoded value, and in its encoding.
	weightByte = 3
)

// WeightJSON returns the maximum memory in bytes of the document while it is decoded. It also counts separators within texts, which is good enough
// for a limit, and four times faster than distinguishing them.
func WeightJSON(raw []byte) int64 {
	objects := bytes.Count(raw, []byte{'{'})
	values := bytes.Count(raw, []byte{','}) + bytes.Count(raw, []byte{':'}) + bytes.Count(raw, []byte{'['})
	return weightBase + weightObject*int64(objects) + weightValue*int64(values) + weightByte*int64(len(raw))
}
