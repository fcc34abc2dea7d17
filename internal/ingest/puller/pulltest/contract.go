// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package pulltest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/journeyman-dev/journeyman/internal/pull"
)

// checked returns a kind whose readers' batches are compared with the contract.
func checked(t testing.TB, kind pull.Kind) pull.Kind {
	open := kind.Open
	kind.Open = func(ctx context.Context, s pull.Settings) (pull.Reader, error) {
		r, err := open(ctx, s)
		if err != nil {
			return nil, err
		}
		c := &checkedReader{Reader: r, t: t}
		if o, ok := r.(pull.Observed); ok {
			return struct {
				pull.Reader
				pull.Observed
			}{c, o}, nil
		}
		return c, nil
	}
	return kind
}

type checkedReader struct {
	pull.Reader
	t testing.TB
	// unsettled is set while a batch is in hand.
	unsettled bool
}

// Read implements pull.Reader.
func (c *checkedReader) Read(ctx context.Context) (pull.Batch, error) {
	assert.False(c.t, c.unsettled, "a batch is settled before the next one is read")
	b, err := c.Reader.Read(ctx)
	if err != nil {
		return b, err
	}
	assert.NotZero(c.t, len(b.Candidates)+len(b.Moves)+len(b.Gaps), "Read waits until there is something: an empty batch would be asked for again at once")
	if b.Partitions == nil {
		assert.True(c.t, len(b.Moves) <= 1 || len(b.Candidates) == 0, "with several moves, each document says to which it belongs")
	} else {
		assert.Len(c.t, b.Partitions, len(b.Candidates), "each document says to which move it belongs")
	}
	for _, move := range b.Partitions {
		assert.True(c.t, move >= 0 && move < len(b.Moves), "document of the move %d of %d", move, len(b.Moves))
	}
	for _, g := range b.Gaps {
		assert.Positive(c.t, g.Count)
		assert.NotEmpty(c.t, g.Message)
	}
	if settle := b.Settle; settle != nil {
		c.unsettled = true
		b.Settle = func(ctx context.Context, stored error) error {
			assert.True(c.t, c.unsettled, "a batch is settled once")
			c.unsettled = false
			return settle(ctx, stored)
		}
	}
	return b, nil
}
