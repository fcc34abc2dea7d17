// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"context"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/journeyman-dev/journeyman/internal/controller/storewatch"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/identity/persons"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/memory"
)

// identityLimit is the limit of a store whose spec has no resources.
const identityLimit = 1 << 30 / persons.EntryBytes

// Stores are in-memory stores, one for each EventStore, that answer like its pod.
type Stores struct {
	mu     sync.Mutex
	m      map[types.NamespacedName]*memory.Store
	down   map[types.NamespacedName]error
	volume map[types.NamespacedName]func(*store.Health)
	// boards have the reports of the pods of an EventStore's sources, as the server of a store keeps them.
	boards map[types.NamespacedName]*store.Board
}

// NewStores returns stores that are all available.
func NewStores() *Stores {
	return &Stores{
		m: map[types.NamespacedName]*memory.Store{}, down: map[types.NamespacedName]error{},
		volume: map[types.NamespacedName]func(*store.Health){}, boards: map[types.NamespacedName]*store.Board{},
	}
}

// Of returns the store of an EventStore, and creates it if necessary.
func (s *Stores) Of(key types.NamespacedName) *memory.Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.m[key] == nil {
		s.m[key] = memory.New(identity.NewPolicy(nil))
	}
	return s.m[key]
}

// Lose replaces the store of an EventStore by an empty one, as if its volume was lost.
func (s *Stores) Lose(key types.NamespacedName) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m[key] = memory.New(identity.NewPolicy(nil))
}

// Board returns the reports of pods to a store, and creates them if necessary.
func (s *Stores) Board(key types.NamespacedName) *store.Board {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.boards[key] == nil {
		s.boards[key] = store.NewBoard(time.Now)
	}
	return s.boards[key]
}

// Down makes a store answer with an error. With nil, it answers with its state again.
func (s *Stores) Down(key types.NamespacedName, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down[key] = err
}

// Volume changes what a store reports about its volume.
func (s *Stores) Volume(key types.NamespacedName, change func(*store.Health)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.volume[key] = change
}

// Dial connects an operator to a store.
func (s *Stores) Dial(t storewatch.Target) (storewatch.Stater, error) {
	return &connection{stores: s, key: t.Key}, nil
}

type connection struct {
	stores *Stores
	key    types.NamespacedName
}

// State returns the state of the store, or an error if it is down.
func (c *connection) State(ctx context.Context) (store.State, error) {
	backend, board := c.stores.Of(c.key), c.stores.Board(c.key)
	c.stores.mu.Lock()
	err, volume := c.stores.down[c.key], c.stores.volume[c.key]
	c.stores.mu.Unlock()
	if err != nil {
		return store.State{}, fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	state, err := backend.State(ctx)
	state.Reports = board.List()
	state.Health.UsedBytes, state.Health.FreeBytes = 100<<20, 900<<20
	state.Health.IdentityLimit = identityLimit
	if volume != nil {
		volume(&state.Health)
	}
	return state, err
}

// Close closes the connection. The store stays open.
func (c *connection) Close() error { return nil }
