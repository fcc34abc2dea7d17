// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// The store is killed at random times during an erasure. A retry returns a receipt with the total numbers, and the store keeps one receipt of each
// erasure.
func TestReceiptsOfInterruptedErasures(t *testing.T) {
	const persons, each = 16, 30
	v := newVolume(t)
	p := v.start(t)
	c := p.client(t, v, v.keys.AdminKey)
	who := func(i int) event.Identity {
		return event.Identity{Type: "customerId", Value: fmt.Sprint("erased-", i)}
	}
	for i := range persons {
		b := makeBatch(fmt.Sprint("p", i), each, 200)
		for k := range b.Events {
			b.Events[k].Identities = []event.Identity{who(i)}
		}
		_, err := c.Append(t.Context(), b)
		require.NoError(t, err)
	}
	cut := 0
	for i := range persons {
		r := store.ErasureRequest{Identities: []event.Identity{who(i)}}
		plan, err := c.PlanErasure(t.Context(), r)
		require.NoError(t, err)
		require.EqualValues(t, each, plan.Events)
		r.Digest = plan.Digest
		answer := make(chan error, 1)
		go func() {
			_, err := c.EraseAsPlanned(t.Context(), r)
			answer <- err
		}()
		time.Sleep(time.Duration(rand.IntN(60)) * time.Millisecond) // a random time
		p.kill()
		if <-answer != nil {
			cut++
		}
		p = v.start(t)
		c = p.client(t, v, v.keys.AdminKey)
		receipt, err := c.EraseAsPlanned(t.Context(), r)
		require.NoError(t, err)
		require.EqualValues(t, each, receipt.Events, "of the whole")
		require.EqualValues(t, 1, receipt.Identities)
		require.Positive(t, receipt.FilesChecked)
	}
	t.Logf("%d of %d erasures were cut off", cut, persons)
	list, err := c.Receipts(t.Context())
	require.NoError(t, err)
	require.Len(t, list, persons)
	require.Zero(t, state(t, c).Events)
	require.NoError(t, p.stop(t))
}
