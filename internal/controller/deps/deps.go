// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package deps is what the four reconcilers share beside the skeleton.
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
	"github.com/journeyman-dev/journeyman/internal/pki"
	"github.com/journeyman-dev/journeyman/internal/resources"
	"github.com/journeyman-dev/journeyman/internal/storewatch"
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
	// Concurrency is the number of objects of a kind that are worked on at a time.
	Concurrency int
}

// ChooseImage decides which image the pods of a workload get. shown is the image in the object's status, what the operator chose
// last: an image that is neither that nor its own was put there by hand, and is drift.
func (d *Deps) ChooseImage(in resources.WorkloadInput, workload metav1.Object, shown string) (resources.ImageChoice, error) {
	live := resources.LiveTemplateOf(workload)
	if live.Image != "" && live.Image != d.Image && shown != "" {
		live.Image = shown
	}
	return resources.ChooseImage(in, live, d.Image, d.Rollout)
}

// Keys derives the secrets of stores from the operator key, and keeps the newest of each store, because deriving takes signatures.
type Keys struct {
	key pki.OperatorKey
	mu  sync.Mutex
	m   map[types.NamespacedName]derived
}

type derived struct {
	uid types.UID
	pki.StoreMaterial
}

// NewKeys takes the operator key.
func NewKeys(key pki.OperatorKey) *Keys {
	return &Keys{key: key, m: map[types.NamespacedName]derived{}}
}

// Material of a store at an instant.
func (k *Keys) Material(store *v1alpha1.EventStore, now time.Time) (pki.StoreMaterial, error) {
	at, epoch := client.ObjectKeyFromObject(store), pki.EpochAt(store.CreationTimestamp.Time, now)
	k.mu.Lock()
	defer k.mu.Unlock()
	if d, ok := k.m[at]; ok && d.uid == store.UID && d.Epoch == epoch {
		return d.StoreMaterial, nil
	}
	m, err := k.key.Material(resources.StoreIdentity(store), epoch)
	if err == nil {
		k.m[at] = derived{uid: store.UID, StoreMaterial: m}
	}
	return m, err
}

// Forget lets go of a store.
func (k *Keys) Forget(store types.NamespacedName) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.m, store)
}
