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

// identityLimit is that of a store's pod without resources in its spec.
const identityLimit = 1 << 30 / persons.EntryBytes

// Stores are in-memory stores, one for each EventStore, that answer as a pod would.
type Stores struct {
	mu     sync.Mutex
	m      map[types.NamespacedName]*memory.Store
	down   map[types.NamespacedName]error
	volume map[types.NamespacedName]func(*store.Health)
	// boards have what the pods of an EventStore's sources say of themselves, as the server of a store keeps it.
	boards map[types.NamespacedName]*store.Board
}

// NewStores gives stores that are all up.
func NewStores() *Stores {
	return &Stores{
		m: map[types.NamespacedName]*memory.Store{}, down: map[types.NamespacedName]error{},
		volume: map[types.NamespacedName]func(*store.Health){}, boards: map[types.NamespacedName]*store.Board{},
	}
}

// Of gives the store of an EventStore, and makes it if need be.
func (s *Stores) Of(key types.NamespacedName) *memory.Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.m[key] == nil {
		s.m[key] = memory.New(identity.NewPolicy(nil))
	}
	return s.m[key]
}

// Lose puts an empty store in the place of an EventStore's: its volume was lost.
func (s *Stores) Lose(key types.NamespacedName) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m[key] = memory.New(identity.NewPolicy(nil))
}

// Board gives what pods report to a store, and makes it if need be.
func (s *Stores) Board(key types.NamespacedName) *store.Board {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.boards[key] == nil {
		s.boards[key] = store.NewBoard(time.Now)
	}
	return s.boards[key]
}

// Down makes a store answer with an error, nil with its state again.
func (s *Stores) Down(key types.NamespacedName, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down[key] = err
}

// Volume changes what a store says of its volume.
func (s *Stores) Volume(key types.NamespacedName, change func(*store.Health)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.volume[key] = change
}

// Dial connects an operator.
func (s *Stores) Dial(t storewatch.Target) (storewatch.Stater, error) {
	return &connection{stores: s, key: t.Key}, nil
}

type connection struct {
	stores *Stores
	key    types.NamespacedName
}

// State answers, or fails if the store is down.
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

// Close ends the connection; the store stays.
func (c *connection) Close() error { return nil }
