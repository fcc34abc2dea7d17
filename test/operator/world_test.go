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
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/go-logr/logr/funcr"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	kstatus "sigs.k8s.io/cli-utils/pkg/kstatus/status"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/resources"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/test/operator/sim"
)

// patience is how long a test waits for something that has to happen. It is no measure of speed.
const patience = 90 * time.Second

func debugLogger() logr.Logger {
	return funcr.New(func(prefix, args string) { fmt.Println(prefix, args) }, funcr.Options{})
}

// world is one namespace with an operator and what surrounds it.
type world struct {
	t         *testing.T
	namespace string
	wire      *sim.Wire
	stores    *sim.Stores
	setup     sim.Setup
	operator  *sim.Operator

	mu   sync.Mutex
	down map[string]bool
	// mute pods do not report to the store.
	mute bool
}

// newWorld makes the namespace and lets pods be played in it; the operator is started by start.
func newWorld(t *testing.T) *world {
	t.Helper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "t-"}}
	require.NoError(t, api.Create(ctx(t), ns))
	w := &world{t: t, namespace: ns.Name, wire: &sim.Wire{}, stores: sim.NewStores(), down: map[string]bool{}}
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
	go pods.Run(t.Context())
	t.Cleanup(w.checkHealth)
	return w
}

// start starts the operator; it ends with the test, if not before by stop.
func (w *world) start() {
	w.t.Helper()
	o, err := sim.Start(w.setup)
	require.NoError(w.t, err)
	w.operator = o
	w.t.Cleanup(w.stop)
}

// stop ends the operator, as a crash does: nothing of its memory stays.
func (w *world) stop() {
	if w.operator == nil {
		return
	}
	o := w.operator
	w.operator = nil
	require.NoError(w.t, o.Stop())
}

// report is what a pod that is well says to the store of the samples.
func (w *world) report(source string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.mute {
		_ = w.stores.Board(w.key("default")).Report(context.Background(), store.Report{Source: source, Pod: "played"})
	}
}

// setMute makes pods report no more, as those of earlier releases, or those that do not reach the store.
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

// get reads an object past the operator.
func get[T client.Object](w *world, name string, obj T) T {
	w.t.Helper()
	require.NoError(w.t, api.Get(ctx(w.t), w.key(name), obj))
	return obj
}

// eventually waits until a check of an object holds, and gives the object; the last failure is shown.
func eventually[T client.Object](w *world, name string, obj T, what string, check func(T) bool) T {
	w.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		err := api.Get(ctx(w.t), w.key(name), obj)
		if err == nil && check(obj) {
			return obj
		}
		if time.Now().After(deadline) {
			text, _ := json.MarshalIndent(obj, "", " ")
			w.t.Fatalf("%s %s never came to: %s (%v)\n%s", w.namespace, name, what, err, text)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// conditions of one of the four kinds.
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

// awaitCondition waits for a condition of the newest generation.
func awaitCondition[T client.Object](w *world, name string, obj T, condition string, is metav1.ConditionStatus, reason string) T {
	w.t.Helper()
	return eventually(w, name, obj, fmt.Sprintf("%s=%s %s", condition, is, reason), func(o T) bool { return has(o, condition, is, reason) })
}

func awaitReady[T client.Object](w *world, name string, obj T) T {
	w.t.Helper()
	return awaitCondition(w, name, obj, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
}

// quiet waits until the operator has sent no write for a while, and gives the mark from which on writes are news.
func (w *world) quiet(calm time.Duration) int {
	w.t.Helper()
	deadline, last, since := time.Now().Add(patience), -1, time.Now()
	for {
		if n := len(w.wire.Writes(0)); n != last {
			last, since = n, time.Now()
		}
		if time.Since(since) >= calm {
			return w.wire.Len()
		}
		if time.Now().After(deadline) {
			all := w.wire.Writes(0)
			w.t.Fatalf("never quiet; the last writes: %v", all[max(0, len(all)-10):])
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// awake waits until an operator that was started anew has looked at all samples: the first thing it does for each is to read its
// ConfigMap, which it does not watch.
func (w *world) awake(mark int, configMaps ...string) {
	w.t.Helper()
	for _, name := range configMaps {
		require.Eventually(w.t, func() bool {
			for _, r := range w.wire.Log()[mark:] {
				if r.Method == http.MethodGet && strings.HasSuffix(r.Path, "/configmaps/"+name) {
					return true
				}
			}
			return false
		}, patience, 50*time.Millisecond, "the operator has not looked at %s", name)
	}
}

// checkStatuses computes kstatus for every status that was ever written, and holds it to the contract.
func (w *world) checkStatuses(mayFail bool) {
	w.t.Helper()
	n := 0
	for _, r := range w.wire.Log() {
		if !r.Status() || r.Code != 200 {
			continue
		}
		n++
		u := &unstructured.Unstructured{}
		require.NoError(w.t, u.UnmarshalJSON(r.Body))
		checkStatus(w.t, u, mayFail)
	}
	require.Positive(w.t, n, "no status was written at all")
}

func checkStatus(t *testing.T, u *unstructured.Unstructured, mayFail bool) {
	t.Helper()
	result, err := kstatus.Compute(u)
	require.NoError(t, err)
	name := u.GetKind() + " " + u.GetName()
	observed, _, _ := unstructured.NestedInt64(u.Object, "status", "observedGeneration")
	list, _, _ := unstructured.NestedSlice(u.Object, "status", "conditions")
	is := map[string]string{}
	for _, c := range list {
		m := c.(map[string]any)
		is[m["type"].(string)] = m["status"].(string)
	}
	require.Contains(t, is, v1alpha1.ConditionReady, name)
	for _, abnormal := range []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled} {
		require.Contains(t, []string{"", "True"}, is[abnormal], "%s: %s is only there while it is True", name, abnormal)
	}
	require.False(t, is[v1alpha1.ConditionReconciling] != "" && is[v1alpha1.ConditionStalled] != "", "%s: Reconciling and Stalled at once", name)
	if result.Status == kstatus.CurrentStatus {
		require.Equal(t, u.GetGeneration(), observed, "%s is Current, but its generation was not observed", name)
		require.Equal(t, "True", is[v1alpha1.ConditionReady], name)
	}
	if !mayFail {
		require.NotEqual(t, kstatus.FailedStatus, result.Status, "%s: %s", name, result.Message)
	}
}
