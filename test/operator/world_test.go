// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	kstatus "sigs.k8s.io/cli-utils/pkg/kstatus/status"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/resources"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/test/operator/sim"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// world is a namespace with an operator and its environment.
type world struct {
	// ctx is the context of the running node.
	ctx       context.Context
	namespace string
	wire      *sim.Wire
	stores    *sim.Stores
	setup     sim.Setup
	operator  *sim.Operator

	mu   sync.Mutex
	down map[string]bool
	// mute stops the reports of pods to the store.
	mute bool
}

// newWorld creates the namespace, and starts the simulation of pods. Call start to start the operator.
func newWorld(ctx context.Context) *world {
	GinkgoHelper()
	w := &world{}
	w.begin(ctx)
	return w
}

func (w *world) begin(ctx context.Context) {
	GinkgoHelper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "t-"}}
	Expect(api.Create(ctx, ns)).To(Succeed())
	w.ctx, w.namespace, w.wire, w.stores, w.down = ctx, ns.Name, &sim.Wire{}, sim.NewStores(), map[string]bool{}
	w.setup = sim.Setup{
		Config: restConfig, Wire: w.wire, Namespaces: []string{w.namespace}, Stores: w.stores,
		Image: "journeyman:test", Interval: 300 * time.Millisecond,
		Network: resources.Network{Mode: resources.PoliciesIngress, OperatorNamespace: "journeyman-system"},
	}
	pods := sim.Pods{Client: api, Namespace: w.namespace, Every: 250 * time.Millisecond, Served: time.Hour, Down: func(name string) bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.down[name]
	}, Report: w.report}
	playing, end := context.WithCancel(context.Background())
	go pods.Run(playing)
	DeferCleanup(w.clear)
	DeferCleanup(w.checkHealth)
	DeferCleanup(end)
	DeferCleanup(w.dump)
}

// clear deletes the objects of the four kinds, so that an operator of the whole cluster does not reconcile them.
func (w *world) clear(ctx context.Context) {
	for _, kind := range []client.Object{&v1alpha1.MetricReport{}, &v1alpha1.JourneyMap{}, &v1alpha1.TouchpointSource{}, &v1alpha1.EventStore{}} {
		Expect(api.DeleteAllOf(ctx, kind, client.InNamespace(w.namespace))).To(Succeed())
	}
}

// dump prints the objects and Events of the namespace, the last requests of the operator, and its log, after a failure.
func (w *world) dump(ctx context.Context) {
	if !CurrentSpecReport().Failed() {
		return
	}
	suite.Dump(ctx, api, w.namespace, lists()...)
	log := w.wire.Log()
	GinkgoWriter.Printf("--- the last of %d requests\n", len(log))
	for _, r := range log[max(0, len(log)-40):] {
		GinkgoWriter.Println(r)
	}
}

// start starts the operator. It runs until stop or the end of the spec.
func (w *world) start() {
	GinkgoHelper()
	o, err := sim.Start(w.setup)
	Expect(err).NotTo(HaveOccurred())
	w.operator = o
	DeferCleanup(w.stop)
}

// stop stops the operator like a crash: its state in memory is lost.
func (w *world) stop() {
	if w.operator == nil {
		return
	}
	o := w.operator
	w.operator = nil
	Expect(o.Stop()).To(Succeed())
}

// report sends the report of a healthy pod that has loaded the newest spec of its source to the store of the samples.
func (w *world) report(source string) {
	s := &v1alpha1.TouchpointSource{}
	if api.Get(context.Background(), w.key(source), s) != nil {
		return // deleted, or a busy API server
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.mute {
		_ = w.stores.Board(w.key("default")).Report(context.Background(), store.Report{
			Source: source, Pod: "played", Generation: s.Generation, Suspended: ptr.Deref(s.Spec.Suspend, false),
		})
	}
}

// setMute stops the reports of pods, as if they could not reach the store.
func (w *world) setMute() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mute = true
}

func (w *world) setDown(name string, down bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down[name] = down
}

func (w *world) key(name string) types.NamespacedName {
	return types.NamespacedName{Namespace: w.namespace, Name: name}
}

// get reads an object, independent of the operator.
func get[T client.Object](w *world, name string, obj T) T {
	GinkgoHelper()
	Expect(api.Get(w.ctx, w.key(name), obj)).To(Succeed())
	return obj
}

// eventually waits until check returns true, and returns the object. A failure shows the last state.
func eventually[T client.Object](w *world, name string, obj T, what string, check func(T) bool) T {
	GinkgoHelper()
	return until(w, name, obj, what, check, func(T) string { return "" })
}

// until waits until check returns true. It stops when ended explains why this will never happen.
func until[T client.Object](w *world, name string, obj T, what string, check func(T) bool, ended func(T) string) T {
	GinkgoHelper()
	Eventually(w.ctx, func(g Gomega) {
		g.Expect(api.Get(w.ctx, w.key(name), obj)).To(Succeed())
		is := check(obj)
		if why := ended(obj); !is && why != "" {
			StopTrying(why).Now()
		}
		g.Expect(is).To(BeTrue())
	}).Should(Succeed(), func() string {
		obj.SetManagedFields(nil)
		text, _ := json.MarshalIndent(obj, "", " ")
		return fmt.Sprintf("%s %s never came to: %s\n%.20000s", w.namespace, name, what, text)
	})
	return obj
}

// conditions returns the conditions of an object of one of the four kinds.
func conditions(obj client.Object) []metav1.Condition {
	switch o := obj.(type) {
	case *v1alpha1.EventStore:
		return o.Status.Conditions
	case *v1alpha1.TouchpointSource:
		return o.Status.Conditions
	case *v1alpha1.JourneyMap:
		return o.Status.Conditions
	case *v1alpha1.MetricReport:
		return o.Status.Conditions
	}
	return nil
}

func has(obj client.Object, condition string, is metav1.ConditionStatus, reason string) bool {
	c := meta.FindStatusCondition(conditions(obj), condition)
	return c != nil && c.Status == is && (reason == "" || c.Reason == reason) && c.ObservedGeneration == obj.GetGeneration()
}

func message(obj client.Object, condition string) string {
	if c := meta.FindStatusCondition(conditions(obj), condition); c != nil {
		return c.Message
	}
	return ""
}

// awaitCondition waits for a condition with the newest generation.
func awaitCondition[T client.Object](w *world, name string, obj T, condition string, is metav1.ConditionStatus, reason string) T {
	GinkgoHelper()
	return eventually(w, name, obj, fmt.Sprintf("%s=%s %s", condition, is, reason), func(o T) bool { return has(o, condition, is, reason) })
}

// awaitReady waits until an object is Ready. It stops when the object is Stalled.
func awaitReady[T client.Object](w *world, name string, obj T) T {
	GinkgoHelper()
	return until(w, name, obj, "Ready", isReady[T], func(o T) string {
		if has(o, v1alpha1.ConditionStalled, metav1.ConditionTrue, "") {
			return name + " is stalled: " + message(o, v1alpha1.ConditionStalled)
		}
		return ""
	})
}

// awaitFixed waits until a stalled object is Ready.
func awaitFixed[T client.Object](w *world, name string, obj T) T {
	GinkgoHelper()
	return eventually(w, name, obj, "Ready again", isReady[T])
}

func isReady[T client.Object](o T) bool {
	return has(o, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
}

// quiet waits until the operator has not written for some time, and returns the number of requests until then.
func (w *world) quiet(calm time.Duration) int {
	GinkgoHelper()
	last, since := -1, time.Now()
	Eventually(w.ctx, func(g Gomega) {
		writes := w.wire.Writes(0)
		if n := len(writes); n != last {
			last, since = n, time.Now()
		}
		g.Expect(time.Since(since)).To(BeNumerically(">=", calm), "never quiet; the last writes: %v", writes[max(0, len(writes)-10):])
	}).WithPolling(20 * time.Millisecond).Should(Succeed())
	return w.wire.Len()
}

// writesNothing requires that the operator has not written since the mark, and does not write for some time.
func (w *world) writesNothing(mark int, calm time.Duration) {
	GinkgoHelper()
	Consistently(w.ctx, func() []sim.Request { return w.wire.Writes(mark) }).WithTimeout(calm).Should(BeEmpty())
}

// awake waits until a restarted operator has reconciled all samples. The first step for each is to read its ConfigMap, which it does not watch.
func (w *world) awake(mark int, configMaps ...string) {
	GinkgoHelper()
	for _, name := range configMaps {
		Eventually(w.ctx, func() bool {
			for _, r := range w.wire.Log()[mark:] {
				if r.Method == http.MethodGet && strings.HasSuffix(r.Path, "/configmaps/"+name) {
					return true
				}
			}
			return false
		}).Should(BeTrue(), "the operator has not looked at %s", name)
	}
}

// checkStatuses computes kstatus for every status that was written, and checks its rules.
func (w *world) checkStatuses(mayFail bool) {
	GinkgoHelper()
	n := 0
	for _, r := range w.wire.Log() {
		if !r.Status() || r.Code != 200 {
			continue
		}
		n++
		u := &unstructured.Unstructured{}
		Expect(u.UnmarshalJSON(r.Body)).To(Succeed())
		checkStatus(u, mayFail)
	}
	Expect(n).To(BeNumerically(">", 0), "no status was written at all")
}

func checkStatus(u *unstructured.Unstructured, mayFail bool) {
	GinkgoHelper()
	result, err := kstatus.Compute(u)
	Expect(err).NotTo(HaveOccurred())
	name := u.GetKind() + " " + u.GetName()
	observed, _, _ := unstructured.NestedInt64(u.Object, "status", "observedGeneration")
	list, _, _ := unstructured.NestedSlice(u.Object, "status", "conditions")
	is := map[string]string{}
	for _, c := range list {
		m := c.(map[string]any)
		is[m["type"].(string)] = m["status"].(string)
	}
	Expect(is).To(HaveKey(v1alpha1.ConditionReady), "%v", name)
	for _, abnormal := range []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled} {
		Expect([]string{"", "True"}).To(ContainElement(is[abnormal]), "%s: %s is only there while it is True", name, abnormal)
	}
	Expect(is[v1alpha1.ConditionReconciling] != "" && is[v1alpha1.ConditionStalled] != "").To(BeFalse(), "%s: Reconciling and Stalled at once", name)
	if result.Status == kstatus.CurrentStatus {
		Expect(observed).To(Equal(u.GetGeneration()), "%s is Current, but its generation was not observed", name)
		Expect(is[v1alpha1.ConditionReady]).To(Equal("True"), "%v", name)
	}
	if !mayFail {
		Expect(result.Status).NotTo(Equal(kstatus.FailedStatus), "%s: %s", name, result.Message)
	}
}
