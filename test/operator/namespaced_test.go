// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// TestNamespacedMode: an operator for one namespace asks for nothing outside of it, and leaves others' objects alone.
func TestNamespacedMode(t *testing.T) {
	other := newWorld(t)
	other.apply("EventStore")
	w := newWorld(t)
	w.start()
	w.apply(kinds...)
	w.awaitSamples()
	w.quiet(time.Second)
	for _, r := range w.wire.Log() {
		if right, ok := rightOf(r); ok {
			require.True(t, strings.Contains(r.Path, "/namespaces/"+w.namespace+"/"), "%s goes beyond the namespace: %s", right, r)
		}
	}
	require.Zero(t, get(other, "default", &v1alpha1.EventStore{}).Status.ObservedGeneration)
}

// TestClusterMode: an operator for all namespaces takes up an object in any of them.
func TestClusterMode(t *testing.T) {
	w := newWorld(t)
	w.setup.Namespaces = nil
	w.start()
	w.apply(kinds...)
	w.awaitSamples()
}
