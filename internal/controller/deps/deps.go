// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package deps holds the dependencies that the four reconcilers share: clients, clocks, keys and settings.
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

// Deps are the dependencies of a reconciler. All four share one value.
type Deps struct {
	flow.Base
	// Live reads from the API server instead of the cache.
	Live client.Reader
	// Children applies child objects.
	Children *children.Applier
	// Stores holds the latest state of the stores.
	Stores *storewatch.Watch
	// Keys derives the secrets of stores.
	Keys *Keys
	// Image for pods when they get a new one.
	Image string
	// Rollout is when that happens.
	Rollout resources.RolloutMode
	// Pods are the defaults of all pods.
	Pods resources.PodDefaults
	// Network configures network policies.
	Network resources.Network
	// Concurrency is the number of objects of a kind that are reconciled concurrently.
	Concurrency int
}

// ChooseRollout decides on the image and the template of a workload's pods.
func (d *Deps) ChooseRollout(in resources.WorkloadInput, workload metav1.Object) (resources.Rollout, error) {
	return resources.ChooseRollout(in, workload, resources.Release{
		Image: d.Image, Versions: resources.Versions{Store: store.ProtocolVersion, Documents: podconfig.Version},
		OldestStore: wire.MinProtocol, Mode: d.Rollout, RecordKey: d.Keys.record,
	})
}

// Keys derives the secrets of stores from the operator key. It caches the latest of each store, because deriving them takes signatures.
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

// NewKeys returns Keys for the operator key.
func NewKeys(key pki.OperatorKey) *Keys {
	return &Keys{key: key, record: key.RolloutRecordKey(), m: map[types.NamespacedName]derived{}}
}

// Material returns the secrets of a store at an instant.
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

// Forget drops the secrets of a store.
func (k *Keys) Forget(key types.NamespacedName) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.m, key)
}
