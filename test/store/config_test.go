// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// A running process uses changed keys and a changed certificate.
func TestKeysAreRotated(t *testing.T) {
	v := newVolume(t)
	p := v.start(t)
	old := p.client(t, v, v.keys.AdminKey)
	_, err := old.Append(t.Context(), makeBatch("1", 3, 100))
	require.NoError(t, err)
	_, err = p.client(t, v, "wrong-key-wrong-key-wrong-key").State(t.Context())
	require.ErrorIs(t, err, store.ErrUnauthorized)
	_, err = p.client(t, v, v.keys.AppendKey).State(t.Context())
	require.ErrorIs(t, err, store.ErrUnauthorized)

	v.rotate(t)
	eventually(t, "the old key is refused", func(ctx context.Context) error {
		if _, err := old.State(ctx); !errors.Is(err, store.ErrUnauthorized) {
			return fmt.Errorf("the old key gets: %w", err)
		}
		return nil
	})
	require.EqualValues(t, 3, state(t, p.client(t, v, v.keys.ScanKey)).Events)
}

// A running process applies changes of the identity policy and of the retention.
func TestConfigurationIsReloaded(t *testing.T) {
	v := newVolume(t)
	p := v.start(t, "--compact-every", "200ms")
	c := p.client(t, v, v.keys.AdminKey)
	b := store.Batch{Source: "shop"}
	for i, customer := range []string{"a", "b"} {
		e := makeEvent(customer, i, 10)
		e.Identities = []event.Identity{{Type: "customerId", Value: customer}, {Type: "deviceId", Value: "tablet"}}
		b.Events = append(b.Events, e)
	}
	old := makeEvent("old", 7, 10)
	old.Time -= (30 * 24 * time.Hour).Microseconds()
	b.Events = append(b.Events, old)
	_, err := c.Append(t.Context(), b)
	require.NoError(t, err)
	require.Zero(t, state(t, c).Hubs)

	v.configure(t, podconfig.StoreServer{Identity: &v1alpha1.IdentityPolicy{MaxLinks: map[string]int32{"deviceId": 1}}})
	eventually(t, "the tablet is a hub", func(ctx context.Context) error {
		answer, err := c.State(ctx)
		if err == nil && answer.Health.Hubs != 1 {
			err = fmt.Errorf("%d hubs", answer.Health.Hubs)
		}
		return err
	})
	require.EqualValues(t, 3, state(t, c).Events)
	v.configure(t, podconfig.StoreServer{Retention: "7d"})
	late := old
	eventually(t, "old events expire", func(ctx context.Context) error {
		late.ID += "x"
		a, err := c.Append(ctx, store.Batch{Source: "shop", Events: []event.Event{late}})
		if err == nil && a.Expired != 1 {
			err = fmt.Errorf("answer %+v", a)
		}
		return err
	})
	require.Zero(t, state(t, c).Hubs)

	before := state(t, c).Snapshot
	v.configure(t, podconfig.StoreServer{Retention: "not a duration"})
	eventually(t, "an invalid document is reported", func(context.Context) error {
		if log := p.log.String(); !strings.Contains(log, "not a duration") {
			return errors.New(log)
		}
		return nil
	})
	require.Equal(t, before, state(t, c).Snapshot)
	require.Contains(t, get(t, p.metrics+"/metrics"), "journeyman_store_up 1\n")
	require.Empty(t, get(t, p.probes+"/readyz"))
	require.Empty(t, get(t, p.probes+"/healthz"))
}

func get(t *testing.T, url string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, errors.Join(err, answer.Body.Close()))
	require.Equal(t, http.StatusOK, answer.StatusCode, "%s", text)
	return string(text)
}
