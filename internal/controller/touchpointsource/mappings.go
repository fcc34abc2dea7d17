// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package touchpointsource

import (
	"errors"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/flow"
	"github.com/journeyman-dev/journeyman/internal/mapping"
)

// mappings remembers for each source whether the mapping of its newest generation compiles: compiling is dear.
type mappings struct {
	mu sync.Mutex
	m  map[types.NamespacedName]compiled
}

type compiled struct {
	uid        types.UID
	generation int64
	err        error
}

// check gives a *flow.Stalled for a mapping that does not compile.
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
	_, err := mapping.Compile(s.Spec.Mapping)
	c.m[key] = compiled{uid: s.UID, generation: s.Generation, err: stalled(err)}
	return c.m[key].err
}

func (c *mappings) forget(key types.NamespacedName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.m, key)
}

func stalled(err error) error {
	if err == nil {
		return nil
	}
	out := &flow.Stalled{Reason: v1alpha1.ReasonInvalidMapping, Path: "spec.mapping", Problem: err.Error()}
	var faults mapping.Errors
	if errors.As(err, &faults) && len(faults) > 0 {
		first := faults[0]
		out.Path = "spec." + first.Path
		out.Problem = first.Message + "; " + first.Fix
		if first.Expression != "" {
			out.Problem += " (in " + first.Expression + ")"
		}
	}
	out.Problem += ". The pods keep the last good mapping."
	return out
}
