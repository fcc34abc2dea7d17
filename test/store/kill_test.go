// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/client"
	"github.com/journeyman-dev/journeyman/internal/store/storetest"
)

// times returns how often to repeat: more often in make test-full.
func times(usually, full int) int {
	if os.Getenv("JOURNEYMAN_FULL") != "" {
		return full
	}
	return usually
}

// The store is killed repeatedly under load, also while it flushes. Senders redeliver what was not acknowledged to the next process. No acknowledged
// event is lost, and none is stored twice.
func TestKilledWhileEventsArrive(t *testing.T) {
	const writers = 4
	rounds := times(6, 60)
	v, l := newVolume(t), newLedger()
	pending := make([]store.Batch, writers)
	for round := range rounds {
		p := v.start(t, "--compact-every", "150ms")
		ctx, cancel := context.WithCancel(t.Context())
		c := p.client(t, v, v.keys.AdminKey)
		var wg sync.WaitGroup
		target := l.count() + 20 + rand.IntN(60)
		for w := range writers {
			wg.Go(func() { pending[w] = l.write(ctx, c, fmt.Sprintf("%d-%d", round, w), pending[w]) })
		}
		wg.Go(func() {
			for ctx.Err() == nil {
				// concurrent scans; the result is checked at the end
				_, _, _ = storetest.Collect(ctx, c, store.ScanRequest{})
			}
		})
		eventually(t, "acknowledgements", func(context.Context) error {
			if n := l.count(); n < target {
				return fmt.Errorf("%d of %d; log:\n%s", n, target, p.log)
			}
			return nil
		})
		p.kill()
		cancel()
		wg.Wait()
	}
	p := v.start(t)
	c := p.client(t, v, v.keys.AdminKey)
	l.check(t, c)
	for _, b := range pending {
		if len(b.Events) > 0 {
			_, err := c.Append(t.Context(), b)
			require.NoError(t, err)
			l.ack(b)
		}
	}
	l.check(t, c)
	require.NoError(t, p.stop(t))
	p = v.start(t)
	l.check(t, p.client(t, v, v.keys.AdminKey))
}

// write appends until the store is gone, starting with the batch that was not acknowledged, and returns the next such batch.
func (l *ledger) write(ctx context.Context, c *client.Client, prefix string, b store.Batch) store.Batch {
	for i := 0; ; i++ {
		if len(b.Events) == 0 {
			b = makeBatch(fmt.Sprintf("%s-%d", prefix, i), 1+i%20, 300)
			l.send(b)
		}
		if _, err := c.Append(ctx, b); err != nil {
			return b
		}
		l.ack(b)
		b = store.Batch{}
	}
}

// The process is killed at random times, including while it opens and closes.
func TestKilledAnywhere(t *testing.T) {
	v, l := newVolume(t), newLedger()
	p := v.start(t)
	c := p.client(t, v, v.keys.AdminKey)
	for i := range 50 {
		b := makeBatch(fmt.Sprint(i), 40, 500)
		l.send(b)
		_, err := c.Append(t.Context(), b)
		require.NoError(t, err)
		l.ack(b)
	}
	p.kill()
	for range times(15, 1000) {
		p := begin(t, v.command("--compact-every", "20ms"))
		time.Sleep(time.Duration(rand.IntN(400)) * time.Millisecond) // a random time
		p.kill()
	}
	p = v.start(t)
	l.check(t, p.client(t, v, v.keys.AdminKey))
}

func TestStoppedGracefully(t *testing.T) {
	v, l := newVolume(t), newLedger()
	p := v.start(t)
	c := p.client(t, v, v.keys.AdminKey)
	var wg sync.WaitGroup
	for w := range 3 {
		wg.Go(func() { l.write(t.Context(), c, fmt.Sprint(w), store.Batch{}) })
	}
	eventually(t, "acknowledgements", func(context.Context) error {
		if l.count() < 30 {
			return fmt.Errorf("only %d", l.count())
		}
		return nil
	})
	require.NoError(t, p.stop(t), "%s", p.log)
	wg.Wait()
	p = v.start(t)
	l.check(t, p.client(t, v, v.keys.AdminKey))
}

func TestSecondWriterIsRefused(t *testing.T) {
	v, l := newVolume(t), newLedger()
	p := v.start(t)
	second := begin(t, v.command("--lock-wait", "1s"))
	require.Error(t, second.wait(t))
	require.Contains(t, second.log.String(), "another process")
	b := makeBatch("after", 10, 100)
	l.send(b)
	c := p.client(t, v, v.keys.AdminKey)
	_, err := c.Append(t.Context(), b)
	require.NoError(t, err)
	l.ack(b)
	l.check(t, c)

	waiting := begin(t, v.command("--lock-wait", patience.String()))
	require.NoError(t, p.stop(t))
	select {
	case <-waiting.log.serving:
	case <-time.After(patience):
		require.Fail(t, "the second process does not take over", "%s", waiting.log)
	}
	waiting.locate()
	l.check(t, waiting.client(t, v, v.keys.AdminKey))
}
