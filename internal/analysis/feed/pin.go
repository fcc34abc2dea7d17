// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package feed

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/journeyman-dev/journeyman/internal/store"
)

const (
	// pinTTL is how long a pin lasts after its run is killed. A run renews it.
	pinTTL = 10 * time.Minute
	// unpinTimeout is how long a run waits for Unpin. If that fails, the pin ends by its TTL.
	unpinTimeout = 10 * time.Second
)

// hold pins the latest snapshot, and renews the pin until release is called. If id is empty or the store cannot pin, the run reads the snapshot seen.
func hold(ctx context.Context, s store.Scanner, id string, r *store.ScanRequest, seen store.Snapshot, log *slog.Logger) (release func()) {
	request := store.PinRequest{ID: id, TTL: pinTTL}
	if id != "" {
		if _, err := s.Pin(ctx, request); err == nil {
			r.Pin = id
		} else if ctx.Err() == nil {
			log.Warn("the snapshot is not pinned: the run fails if the store restarts", "error", err.Error())
		}
	}
	if r.Pin == "" {
		r.AsOfSeq, r.IdentityVersion = seen.Seq, seen.IdentityVersion
		return func() {}
	}
	renewing, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { renew(renewing, s, request, log) })
	return func() {
		stop()
		wg.Wait()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unpinTimeout)
		defer cancel()
		if err := s.Unpin(ctx, id); err != nil {
			log.Warn("the pin ends by its time", "pin", id, "error", err.Error())
		}
	}
}

// renew extends a pin until the context ends.
func renew(ctx context.Context, s store.Pinner, r store.PinRequest, log *slog.Logger) {
	ticker := time.NewTicker(r.TTL / 5)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if _, err := s.Pin(ctx, r); err != nil && ctx.Err() == nil {
				log.Warn("the pin was not renewed; trying again", "pin", r.ID, "error", err.Error())
			}
		}
	}
}
