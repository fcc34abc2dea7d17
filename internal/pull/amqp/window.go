// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package amqp

import "github.com/journeyman-dev/journeyman/internal/pull"

const (
	// firstPrefetch is the number of messages that a broker may send to a new reader, if as many of the largest size fit. It grows while they are small.
	firstPrefetch = 16
	// mostPrefetch lets the next batch arrive while one is stored.
	mostPrefetch = 2 * pull.MaxRows
	// windowBytes is the size of messages that should be in flight.
	windowBytes = 2 * pull.MaxBytes
	// perMessage is what a message takes next to its body, about.
	perMessage = 512
)

// window is how many messages may be in flight: brokers limit their number, and not their size.
type window struct {
	prefetch int
	largest  int64
}

// newWindow returns the window of a new reader. It cannot end the connection, or messages that are too large for the one before would never be read.
func newWindow(largest int64) window {
	return window{prefetch: int(min(max(mostHeld/(largest+frameMax), 1), firstPrefetch))}
}

// next returns the number after a batch, and whether it is different enough for another consumer. It grows while batches are full, and shrinks at once.
func (w *window) next(messages int, largest int64) (int, bool) {
	w.largest = max(largest, w.largest*7/8)
	fits := min(max(int(windowBytes/(w.largest+perMessage)), 1), mostPrefetch)
	if fits <= w.prefetch/2 {
		return fits, true
	}
	more := min(fits, 4*w.prefetch)
	return more, more >= 2*w.prefetch && messages >= w.prefetch/2
}
