// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package limits

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/wire"
)

// storeMemory is the memory limit of the store in this test, half of the default.
const storeMemory = 1 << 30

func events(n, bytes int) store.Batch {
	now := time.Now().UnixMicro()
	b := store.Batch{Source: "shop"}
	for i := range n {
		b.Events = append(b.Events, event.Event{
			ID: fmt.Sprint("bad-", i), Source: "shop", Name: "A", Time: now, ReceivedAt: now, Identities: []event.Identity{{Type: "email", Value: "a@b.c"}},
			Properties: []byte(`{"a":"` + strings.Repeat("x", bytes) + `"}`),
		})
	}
	return b
}

// compressed returns a batch that is three gigabytes when it is decompressed.
func compressed(t *testing.T) []byte {
	t.Helper()
	b := events(3000, 1<<20-16)
	metadata := arrow.NewMetadata([]string{"journeyman-batch"}, []string{`{"source":"shop"}`})
	schema := arrow.NewSchema(event.Schema.Fields(), &metadata)
	var body bytes.Buffer
	w := ipc.NewWriter(&body, ipc.WithSchema(schema), ipc.WithZstd())
	const each = 100
	for i := 0; i < len(b.Events); i += each {
		record := event.ToRecord(memory.DefaultAllocator, b.Events[i:i+each])
		require.NoError(t, w.Write(array.NewRecordBatch(schema, record.Columns(), record.NumRows())))
		record.Release()
	}
	require.NoError(t, w.Close())
	return body.Bytes()
}

// An attacker with the key of an ingestion pod sends requests, while another pod appends.
func TestStoreStaysWithinMemory(t *testing.T) {
	r := newRig(t, "--memory", fmt.Sprint(storeMemory))
	confine(t, r.Store, storeMemory)
	honest, err := r.Appender()
	require.NoError(t, err)
	largest, err := wire.EncodeBatch(events(31_000, 900)) // about the maximum size of a batch
	require.NoError(t, err)
	tiny, err := wire.EncodeBatch(events(100_000, 0))
	require.NoError(t, err)
	small := compressed(t)
	t.Logf("compressed: %d bytes; largest: %d; many: %d", len(small), len(largest), len(tiny))
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} // the certificate does not matter to an attacker
	send := func(body []byte) (int, error) {
		q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.URL()+wire.PathAppend, bytes.NewReader(body))
		if err != nil {
			return 0, err
		}
		q.Header.Set("Authorization", "Bearer "+r.AppendKey())
		q.Header.Set(wire.HeaderProtocol, fmt.Sprint(store.ProtocolVersion))
		answer, err := transport.RoundTrip(q)
		if err != nil {
			return 0, err
		}
		return answer.StatusCode, answer.Body.Close()
	}
	code, err := send(small)
	require.NoError(t, err)
	require.Equal(t, http.StatusBadRequest, code)

	var attackers sync.WaitGroup
	for range 12 {
		attackers.Go(func() {
			for _, body := range [][]byte{small, largest, tiny, small} {
				_, _ = send(body)
			}
		})
	}
	over := make(chan struct{})
	go func() {
		attackers.Wait()
		close(over)
	}()
	for i, done := 0, false; !done; i++ {
		select {
		case <-over:
			done = true
		default:
		}
		require.NoError(t, eventually(t.Context(), func(ctx context.Context) error {
			b := events(1, 10)
			b.Events[0].ID = fmt.Sprint("honest-", i)
			_, err := honest.Append(ctx, b)
			return errors.Join(err, r.Store.Alive())
		}))
	}
	withinLimit(t, r.Store, storeMemory)
}

// eventually retries while the store is busy.
func eventually(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for {
		err := f(ctx)
		if err == nil || !errors.Is(err, store.ErrUnavailable) || ctx.Err() != nil {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
}
