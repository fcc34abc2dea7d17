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
	// lookEvery is the interval at which the document is checked for changes.
	lookEvery = 2 * time.Second
	// lockEvery is the interval between two attempts to open a locked store.
	lockEvery = 500 * time.Millisecond
)

// document returns the document in the file, which is reloaded when it changes.
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
	// identities is the maximum number of identities and links that fit into memory.
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

// maxReserve is the maximum space that is kept free on the volume.
const maxReserve = 256 << 20

// reserve returns the space that is kept free on the volume for sorting and erasing: a sixteenth, at most 256 MiB.
func (o opener) reserve() int64 {
	if o.options.minFree > 0 {
		return o.options.minFree
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(o.options.data, &fs); err != nil {
		return maxReserve // opening the store reports the problem with the folder
	}
	return min(maxReserve, int64(fs.Blocks)*fs.Bsize/16)
}

// openWaiting opens the store. It waits while another process has it open, such as the previous pod, which is still stopping.
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

// follow reopens the store when retention or the identity policy changes in the document.
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
		// the error is about the newest content; the value is the last valid one
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
