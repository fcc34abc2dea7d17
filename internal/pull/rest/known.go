// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rest

import "crypto/sha256"

// maxKnown is the number of records of a poll that are remembered; a digest takes about 40 bytes with the map.
const maxKnown = 200_000

// digest of records.
type digest [16]byte

func digestOf(records ...[]byte) digest {
	sum := sha256.New()
	for _, r := range records {
		sum.Write(r)
		sum.Write([]byte{'\n'})
	}
	return digest(sum.Sum(nil))
}

// known are the records that were stored by this poll and the one before. The store knows them by their id, too; but records that are read in each poll
// would be counted as duplicates, or as refused, each time.
type known struct{ before, now map[digest]bool }

// without returns the records that are not known.
func (k *known) without(records [][]byte) [][]byte {
	var out [][]byte
	for _, r := range records {
		d := digestOf(r)
		switch {
		case k.now[d]:
		case k.before[d]:
			k.note(d)
		default:
			out = append(out, r)
		}
	}
	return out
}

// add adds records that were stored.
func (k *known) add(records [][]byte) {
	for _, r := range records {
		k.note(digestOf(r))
	}
}

func (k *known) note(d digest) {
	if k.now == nil {
		k.now = map[digest]bool{}
	}
	if len(k.now) < maxKnown {
		k.now[d] = true
	}
}

// turn ends a poll.
func (k *known) turn() { k.before, k.now = k.now, nil }
