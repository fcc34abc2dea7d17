// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"time"

	"golang.org/x/sys/unix"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/reload"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded"
	"github.com/journeyman-dev/journeyman/internal/store/server"
)

const (
	// lookEvery is how often the document is checked.
	lookEvery = 2 * time.Second
	// lockEvery is how often a locked store is tried again.
	lockEvery = 500 * time.Millisecond
)

// document returns the store's document as it is in the file.
func document(path string) *reload.Value[*podconfig.StoreServer] {
	return reload.New(func(c ...[]byte) (*podconfig.StoreServer, error) {
		var d podconfig.StoreServer
		if err := podconfig.Decode(path, c[0], &d); err != nil {
			return nil, err
		}
		_, err := d.Retention.Parse()
		return &d, err
	}, path)
}

// opener opens the store with the options of a document.
type opener struct {
	options options
	memory  int64
	// identities is the most identities and links that the memory allows.
	identities int64
	log        *slog.Logger
}

func (o opener) open(d *podconfig.StoreServer) (store.Store, error) {
	policy := identity.NewPolicy(nil)
	if d.Identity != nil {
		policy = identity.NewPolicy(d.Identity.MaxLinks)
	}
	retention, err := d.Retention.Parse()
	if err != nil {
		return nil, err
	}
	s, err := embedded.Open(embedded.Options{
		Dir: o.options.data, Retention: retention, Identity: policy, MaxIdentities: o.identities, MemoryLimit: o.memory, MinFree: o.reserve(),
		CompactEvery: o.options.compactEvery, AcceptDamage: o.options.acceptDamage, Logger: o.log,
	})
	if err != nil {
		return nil, err
	}
	o.log.Info("the store is open", "retention", d.Retention, "maxLinks", policy.MaxLinks)
	return s, nil
}

// maxReserve is what is kept free of a big volume.
const maxReserve = 256 << 20

// reserve is what is kept free of the volume for sorting and erasing: 256 MiB, of a small volume a sixteenth.
func (o opener) reserve() int64 {
	if o.options.minFree > 0 {
		return o.options.minFree
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(o.options.data, &fs); err != nil {
		return maxReserve // opening the store will say what is wrong with the folder
	}
	return min(maxReserve, int64(fs.Blocks)*fs.Bsize/16)
}

// openWaiting waits for another process that has the data, such as the pod before this one that is still ending.
func (o opener) openWaiting(ctx context.Context, d *podconfig.StoreServer) (store.Store, error) {
	deadline := time.Now().Add(o.options.lockWait)
	for {
		s, err := o.open(d)
		if !errors.Is(err, embedded.ErrLocked) || time.Now().After(deadline) {
			return s, err
		}
		o.log.Warn("waiting for another process to release the data", "error", err)
		select {
		case <-ctx.Done():
			return nil, errors.Join(err, ctx.Err())
		case <-time.After(lockEvery):
		}
	}
}

// follow opens the store again whenever retention or identity policy changes in the document.
func (o opener) follow(ctx context.Context, doc *reload.Value[*podconfig.StoreServer], current *podconfig.StoreServer, st *server.Reopening) error {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	told := ""
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		// The error is that of the newest content; the value is the last good one.
		next, _ := doc.Get()
		if err := doc.Err(); err != nil && err.Error() != told {
			told = err.Error()
			o.log.Error("the configuration is invalid; the previous one stays in use", "error", err)
		}
		if next.Retention == current.Retention && reflect.DeepEqual(next.Identity, current.Identity) {
			continue
		}
		if err := st.Reopen(func() (store.Store, error) { return o.openWaiting(ctx, next) }); err != nil {
			return fmt.Errorf("opening with the changed configuration: %w", err)
		}
		current = next
	}
}
