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

// mostWrites is how many writes the small samples take; now and then two changes come in one turn, and it is one less. Each is tried.
const mostWrites = 40

// small applies one object of each kind: every kind of write is in it, and no more.
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

// end is what the samples come to without a crash, and the number of writes that it takes.
type end struct {
	state  map[string]any
	writes int
}

// undisturbed lets an operator come to the end, once in each process.
var undisturbed = sync.OnceValue(func() end {
	w := newWorld(context.Background())
	w.start()
	w.small()
	w.settle()
	defer w.stop()
	return end{w.state(), len(w.wire.Writes(0))}
})

// The operator ends before and after each of its writes, with the answer lost. The next operator knows nothing of the first; it has to come to
// the same end, and then to rest.
var _ = Describe("An operator that crashes", suite.Slow, suite.Faults, func() {
	It("is tried at every write", func() {
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

// crashAt runs an operator up to its i-th write. From that on nothing of it reaches the API server.
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
	case <-time.After(5 * time.Second): // this run needs fewer writes: two changes came in one turn
	}
	w.stop()
	w.wire.Break(nil)
}

// settle waits until the samples are Ready and nothing is written any more.
func (w *world) settle() {
	GinkgoHelper()
	awaitReady(w, "default", &v1alpha1.EventStore{})
	awaitReady(w, "web", &v1alpha1.TouchpointSource{})
	awaitReady(w, "omnichannel-retail", &v1alpha1.JourneyMap{})
	awaitReady(w, "retail-kpis", &v1alpha1.MetricReport{})
	w.quiet(1500 * time.Millisecond)
}
