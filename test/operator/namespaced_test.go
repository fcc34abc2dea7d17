// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

var _ = Describe("The scope of the operator", suite.Fast, func() {
	It("is its namespace, and it makes no requests outside", func(ctx SpecContext) {
		other := newWorld(ctx)
		other.apply("EventStore")
		w := newWorld(ctx)
		w.start()
		w.apply(kinds...)
		w.awaitSamples()
		w.quiet(time.Second)
		for _, r := range w.wire.Log() {
			if right, ok := rightOf(r); ok {
				Expect(strings.Contains(r.Path, "/namespaces/"+w.namespace+"/")).To(BeTrue(), "%s goes beyond the namespace: %s", right, r)
			}
		}
		Expect(get(other, "default", &v1alpha1.EventStore{}).Status.ObservedGeneration).To(BeZero())
	})

	It("is all namespaces by default", Serial, func(ctx SpecContext) {
		w := newWorld(ctx)
		w.setup.Namespaces = nil
		w.start()
		w.apply(kinds...)
		w.awaitSamples()
	})
})
