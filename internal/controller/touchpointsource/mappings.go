// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package touchpointsource

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/accept"
	"github.com/journeyman-dev/journeyman/internal/controller/flow"
)

// mappings caches for each source whether the mapping of its latest generation compiles, because compiling is expensive.
type mappings struct {
	mu sync.Mutex
	m  map[types.NamespacedName]compiled
}

type compiled struct {
	uid        types.UID
	generation int64
	err        error
}

// check returns a *flow.Stalled for a mapping that does not compile.
func (c *mappings) check(s *v1alpha1.TouchpointSource) error {
	key := client.ObjectKeyFromObject(s)
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.m[key]; ok && known.uid == s.UID && known.generation == s.Generation {
		return known.err
	}
	if c.m == nil {
		c.m = map[types.NamespacedName]compiled{}
	}
	c.m[key] = compiled{uid: s.UID, generation: s.Generation, err: stalled(accept.Mapping(&s.Spec))}
	return c.m[key].err
}

func (c *mappings) forget(key types.NamespacedName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.m, key)
}

func stalled(faults []*accept.Fault) error {
	if len(faults) == 0 {
		return nil
	}
	return &flow.Stalled{Reason: faults[0].Reason, Path: faults[0].Path, Problem: faults[0].Problem + ". The pods keep the last good mapping."}
}
