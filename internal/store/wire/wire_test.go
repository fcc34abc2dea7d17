// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

func batch(n int) store.Batch {
	b := store.Batch{
		Source: "shop", Moves: []store.Move{{Partition: "orders/0", Expected: []byte{}, Next: []byte("\x00\xff"), Newest: 7}, {Partition: "orders/1", Expected: []byte("a")}},
		Counters: store.Counters{Accepted: 2, Rejected: map[string]store.Rejection{"bad-json": {Count: 1, Example: "{"}}},
		Trust:    &store.Trust{Public: true, UID: "u", Generation: 3},
	}
	for i := range n {
		b.Events = append(b.Events, event.Event{
			ID: fmt.Sprint(i), Source: "shop", Name: "x", Identities: []event.Identity{{Type: "email", Value: "a@b.c"}},
			Properties: []byte(`{"a":1}`),
		})
	}
	return b
}

func TestBatchRoundTrip(t *testing.T) {
	for _, n := range []int{0, 1, 300} {
		body, err := EncodeBatch(batch(n))
		require.NoError(t, err)
		got, err := DecodeBatch(body)
		require.NoError(t, err)
		require.Equal(t, batch(n), got)
	}
}

func TestTruncatedBatchIsRefused(t *testing.T) {
	body, err := EncodeBatch(batch(3))
	require.NoError(t, err)
	for n := range body {
		_, err := DecodeBatch(body[:n])
		require.ErrorIs(t, err, store.ErrInvalid, "cut at %d of %d", n, len(body))
	}
	_, err = DecodeBatch(append(body, 0))
	require.ErrorIs(t, err, store.ErrInvalid, "nothing may follow")
}

func TestRefusedEventsRoundTrip(t *testing.T) {
	for _, refused := range [][]int32{nil, {0}, {7, 8}, {3, 63, 64, 99_999}} {
		status, body := StatusOf(fmt.Errorf("shop: %w", &store.CrowdedError{Refused: refused, Why: "no memory"}))
		require.Equal(t, http.StatusServiceUnavailable, status)
		text, err := json.Marshal(body)
		require.NoError(t, err)
		var got *store.CrowdedError
		require.ErrorAs(t, ErrorOf(status, text), &got)
		require.Equal(t, refused, got.Refused)
		require.ErrorIs(t, got, store.ErrCrowded)
		status, body = StatusOf(fmt.Errorf("shop: %w", &store.HeldError{Held: refused, Why: "a load"}))
		require.Equal(t, http.StatusServiceUnavailable, status)
		var held *store.HeldError
		require.ErrorAs(t, body.Err(status), &held)
		require.Equal(t, refused, held.Held)
		body.Code = "of-a-newer-store"
		require.ErrorIs(t, body.Err(status), store.ErrUnavailable, "a code that the client does not know")
	}
}

func TestErrorsRoundTrip(t *testing.T) {
	for _, c := range codes {
		status, body := StatusOf(fmt.Errorf("%w: because of that", c.err))
		require.Equal(t, c.status, status)
		require.EqualError(t, body.Err(status), c.err.Error()+": because of that")
		require.ErrorIs(t, body.Err(0), c.err)
		if !onlyOfStores(c.err) {
			require.ErrorIs(t, ErrorOf(status, []byte("<html>proxy</html>")), c.err)
		}
	}
	status, body := StatusOf(errors.New("disk on fire"))
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.ErrorIs(t, body.Err(status), store.ErrUnavailable)
	require.ErrorIs(t, ErrorOf(http.StatusBadGateway, nil), store.ErrUnavailable)
	require.ErrorIs(t, ErrorOf(http.StatusNotFound, nil), store.ErrInvalid)
}
