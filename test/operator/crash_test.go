// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/operator/sim"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// mostWrites is the number of writes for the small samples. Sometimes it is one less, because two changes are reconciled together. Each write is
// tested.
const mostWrites = 40

// small applies one object of each kind, so that every kind of write happens.
func (w *world) small() {
	GinkgoHelper()
	for _, kind := range kinds {
		for _, u := range samples(kind) {
			if kind == "TouchpointSource" && u.GetName() != "web" {
				continue
			}
			if kind == "JourneyMap" {
				sources := []any{map[string]any{"name": "web"}}
				Expect(unstructured.SetNestedSlice(u.Object, sources, "spec", "sources")).To(Succeed())
			}
			w.create(u)
		}
	}
}

// end is the final state without a crash, and the number of writes until then.
type end struct {
	state  map[string]any
	writes int
}

// undisturbed runs an operator without a crash, once in each process.
var undisturbed = sync.OnceValue(func() end {
	w := newWorld(context.Background())
	w.start()
	w.small()
	w.settle()
	defer w.stop()
	return end{w.state(), len(w.wire.Writes(0))}
})

// The operator crashes before each of its writes, and after each without receiving the response. The next operator must reach the same final state
// and stop writing.
var _ = Describe("An operator that crashes", suite.Slow, suite.Faults, func() {
	It("converges to the same state, for every write", func() {
		Expect(undisturbed().writes).To(And(BeNumerically(">", 30), BeNumerically("<=", mostWrites)), "mostWrites has to follow, and the wire has to see all")
	})

	for i := 1; i <= mostWrites; i++ {
		for _, fate := range []sim.Fate{sim.CutBefore, sim.CutAfter} {
			It(fmt.Sprintf("comes to the same end with write %d, %s", i, fateName(fate)), func(ctx SpecContext) {
				want := undisturbed().state
				w := newWorld(ctx)
				w.crashAt(i, fate)
				w.start()
				w.settle()
				w.checkStatuses(false)
				Expect(w.state()).To(Equal(want), "another end than without the crash")
				mark := w.wire.Len()
				touch(w, "again", "default", "web", "omnichannel-retail", "retail-kpis")
				w.quiet(time.Second)
				Expect(w.wire.Writes(mark)).To(BeEmpty(), "it does not come to rest")
				w.stop()
			})
		}
	}
})

func fateName(f sim.Fate) string {
	if f == sim.CutBefore {
		return "lost before"
	}
	return "answer lost"
}

// crashAt runs an operator until its i-th write. After that, its requests do not reach the API server.
func (w *world) crashAt(i int, fate sim.Fate) {
	GinkgoHelper()
	crashed := make(chan struct{})
	w.wire.Break(func(n int, _ *http.Request) sim.Fate {
		switch {
		case n < i:
			return sim.Pass
		case n == i:
			close(crashed)
			return fate
		default:
			return sim.CutBefore
		}
	})
	w.start()
	w.small()
	select {
	case <-crashed:
	case <-time.After(5 * time.Second): // this run needs fewer writes, because two changes were reconciled together
	}
	w.stop()
	w.wire.Break(nil)
}

// settle waits until the samples are Ready and the operator stops writing.
func (w *world) settle() {
	GinkgoHelper()
	awaitReady(w, "default", &v1alpha1.EventStore{})
	awaitReady(w, "web", &v1alpha1.TouchpointSource{})
	awaitReady(w, "omnichannel-retail", &v1alpha1.JourneyMap{})
	awaitReady(w, "retail-kpis", &v1alpha1.MetricReport{})
	w.quiet(1500 * time.Millisecond)
}
