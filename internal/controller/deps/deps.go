// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package deps has the dependencies that the four reconcilers share: clients, clocks, keys and settings.
package deps

import (
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/children"
	"github.com/journeyman-dev/journeyman/internal/controller/flow"
	"github.com/journeyman-dev/journeyman/internal/controller/storewatch"
	"github.com/journeyman-dev/journeyman/internal/pki"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/resources"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/wire"
)

// Deps are the tools of a reconciler. One value serves all four.
type Deps struct {
	flow.Base
	// Live reads past the cache.
	Live client.Reader
	// Children applies child objects.
	Children *children.Applier
	// Stores knows what the stores said last.
	Stores *storewatch.Watch
	// Keys derives the stores' secrets.
	Keys *Keys
	// Image is what pods get when they get a new one.
	Image string
	// Rollout says when that is.
	Rollout resources.RolloutMode
	// Pods is what all pods get.
	Pods resources.PodDefaults
	// Network is what network policies depend on.
	Network resources.Network
	// Concurrency is the number of objects of a kind that are worked on at a time.
	Concurrency int
}

// ChooseRollout decides what the pods of a workload are made from.
func (d *Deps) ChooseRollout(in resources.WorkloadInput, workload metav1.Object) (resources.Rollout, error) {
	return resources.ChooseRollout(in, workload, resources.Release{
		Image: d.Image, Speaks: resources.Speaks{Store: store.ProtocolVersion, Documents: podconfig.Version},
		OldestStore: wire.MinProtocol, Mode: d.Rollout, RecordKey: d.Keys.record,
	})
}

// Keys derives the secrets of stores from the operator key, and keeps the newest of each store, because deriving takes signatures.
type Keys struct {
	key    pki.OperatorKey
	record resources.RecordKey
	mu     sync.Mutex
	m      map[types.NamespacedName]derived
}

type derived struct {
	uid types.UID
	pki.StoreMaterial
}

// NewKeys takes the operator key.
func NewKeys(key pki.OperatorKey) *Keys {
	return &Keys{key: key, record: key.RolloutRecordKey(), m: map[types.NamespacedName]derived{}}
}

// Material of a store at an instant.
func (k *Keys) Material(es *v1alpha1.EventStore, now time.Time) (pki.StoreMaterial, error) {
	at, epoch := client.ObjectKeyFromObject(es), pki.EpochAt(es.CreationTimestamp.Time, now)
	k.mu.Lock()
	defer k.mu.Unlock()
	if d, ok := k.m[at]; ok && d.uid == es.UID && d.Epoch == epoch {
		return d.StoreMaterial, nil
	}
	m, err := k.key.Material(resources.StoreIdentity(es), epoch)
	if err == nil {
		k.m[at] = derived{uid: es.UID, StoreMaterial: m}
	}
	return m, err
}

// Forget lets go of a store.
func (k *Keys) Forget(key types.NamespacedName) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.m, key)
}
