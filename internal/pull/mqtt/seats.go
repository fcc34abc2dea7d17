// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mqtt

import (
	"context"
	"hash/fnv"
	"sync"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/pull"
)

// seats gives pods their client ids. The broker keeps messages for a client id that is away, so the ids have to be the same after pods were replaced,
// and their names are not. There are as many ids as pods. A pod takes one; the broker then ends the connection of the pod that had it, which takes the
// next one, until each has one. A connection that ends for another reason moves a pod on, too, and the others after it.
type seats struct {
	mu sync.Mutex
	// places are the seats of the readers of this process, by source and pod.
	places map[string]int
}

func (s *seats) open(ctx context.Context, settings pull.Settings) (pull.Reader, error) {
	key := settings.UID + " " + settings.Pod
	return open(ctx, settings, s.of(key, settings.Pod)%pods(settings.Spec), func() { s.moveOn(key) })
}

// of returns the place of a pod. Different pods begin at different places, usually.
func (s *seats) of(key, pod string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	place, ok := s.places[key]
	if !ok {
		h := fnv.New32a()
		_, _ = h.Write([]byte(pod)) // It cannot fail.
		place = int(h.Sum32() >> 8)
		s.places[key] = place
	}
	return place
}

func (s *seats) moveOn(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.places[key]++
}

// pods is the number of pods of the source. It does not change by itself, because each has a session.
func pods(spec *v1alpha1.TouchpointSourceSpec) int {
	if spec.Scaling == nil || spec.Scaling.MinReplicas == nil {
		return 1
	}
	return max(int(*spec.Scaling.MinReplicas), 1)
}
