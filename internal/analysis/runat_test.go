// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis/publish"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// ask annotates the map like kubectl annotate.
func (c *cluster) ask(t *testing.T, name, value string) {
	m := c.liveMap(t, name)
	before := m.DeepCopy()
	m.Annotations = map[string]string{v1alpha1.RunAtAnnotation: value}
	require.NoError(t, c.Patch(context.Background(), m, client.MergeFrom(before)))
}

// whileRunning calls meanwhile when a run reads the state of the store.
type whileRunning struct {
	store.Scanner
	meanwhile func()
}

func (s whileRunning) State(ctx context.Context) (store.State, error) {
	state, err := s.Scanner.State(ctx)
	s.meanwhile()
	return state, err
}

// runAfter returns a run for a document that writes to the cluster.
func (c *cluster) runAfter(doc *podconfig.Analysis, s store.Scanner, wait time.Duration) *Run {
	r := runOf(doc, s)
	r.Scheduled = noon.Add(wait)
	r.Writer = publish.NewStatusWriter(c.dynamic, doc, r.Scheduled)
	return r
}

// A run is requested while an older run is in progress, within one second, so that times in the status are the same. The older run does not answer
// the request. The next one does.
func TestRequestedRunRecordsItsRequest(t *testing.T) {
	c := newCluster(t)
	doc := c.createMap(t, "shop", visitMap())
	asked := noon.Add(10 * time.Second).Format(time.RFC3339)
	older := c.runAfter(doc, whileRunning{shopEvents(t), func() { c.ask(t, "shop", asked) }}, 0)
	require.NoError(t, older.Execute(context.Background()))
	trace := c.liveMap(t, "shop").Status.Trace
	require.Equal(t, asked, trace.Analysis.StartTime.UTC().Format(time.RFC3339), "by its time the older run would be taken for the answer")
	require.Empty(t, trace.Analysis.HandledRunAt)
	require.Empty(t, trace.LastRun.HandledRunAt)

	require.NoError(t, c.runAfter(doc, shopEvents(t), 0).Execute(context.Background()))
	trace = c.liveMap(t, "shop").Status.Trace
	require.Equal(t, asked, trace.Analysis.HandledRunAt)
	require.Equal(t, asked, trace.LastRun.HandledRunAt)
}

func TestRequestedRunOfAReport(t *testing.T) {
	c := newCluster(t)
	doc := c.createReport(t, c.createMap(t, "shop", visitMap()), "kpis", reportSpec())
	live := func() *v1alpha1.MetricReport {
		r := &v1alpha1.MetricReport{}
		require.NoError(t, c.Get(context.Background(), client.ObjectKey{Namespace: c.namespace, Name: "kpis"}, r))
		return r
	}
	r := live()
	r.Annotations = map[string]string{v1alpha1.RunAtAnnotation: "Größe=" + strings.Repeat("ä", 200)}
	require.NoError(t, c.Update(context.Background(), r))
	require.NoError(t, c.runAfter(doc, shopEvents(t), 0).Execute(context.Background()))
	require.Equal(t, "Größe="+strings.Repeat("ä", 122), live().Status.Trace.Analysis.HandledRunAt, "as much as a status has room for")
}

// A failed run keeps the value of the existing results, and records the request that it failed in its own field.
func TestFailedRequestedRun(t *testing.T) {
	c := newCluster(t)
	doc := c.createMap(t, "shop", visitMap())
	c.ask(t, "shop", "first")
	require.NoError(t, c.runAfter(doc, shopEvents(t), 0).Execute(context.Background()))
	c.ask(t, "shop", "second")
	require.Error(t, c.runAfter(doc, awayStore{}, time.Minute).Execute(context.Background()))
	trace := c.liveMap(t, "shop").Status.Trace
	require.Equal(t, "first", trace.Analysis.HandledRunAt)
	require.Equal(t, "second", trace.LastRun.HandledRunAt)
	require.Contains(t, trace.LastRun.Error, "store unavailable")
}

// Two runs with the same scheduled second, and one that was scheduled for later by a clock that is ahead.
func TestEarlierRunDoesNotOverwriteRequestedResults(t *testing.T) {
	c := newCluster(t)
	doc := c.createMap(t, "shop", visitMap())
	answer := func() {
		c.ask(t, "shop", "mine")
		require.NoError(t, c.runAfter(doc, shopEvents(t), 0).Execute(context.Background()))
	}
	for _, scheduled := range []time.Duration{0, time.Second} {
		c.ask(t, "shop", "earlier")
		older := c.runAfter(doc, whileRunning{storeWith(t), answer}, scheduled)
		require.ErrorIs(t, older.Execute(context.Background()), publish.ErrSuperseded)
		status := c.liveMap(t, "shop").Status
		require.Equal(t, "mine", status.Trace.Analysis.HandledRunAt)
		require.EqualValues(t, 3, status.Summary.Customers)
	}
	t.Log("a run that was asked for is written although one that began before it was scheduled for later")
	require.NoError(t, c.runAfter(doc, storeWith(t), time.Second).Execute(context.Background()))
	c.ask(t, "shop", "again")
	require.NoError(t, c.runAfter(doc, shopEvents(t), 0).Execute(context.Background()))
	require.Equal(t, "again", c.liveMap(t, "shop").Status.Trace.Analysis.HandledRunAt)
}

// The commands of docs/kinds/journeymap.md under "Run it" work.
func TestKubectlWaitsForTheRequestedRun(t *testing.T) {
	c := newCluster(t)
	kubectl := c.kubectl(t)
	doc := c.createMap(t, "shop", visitMap())
	require.NoError(t, c.runAfter(doc, storeWith(t), 0).Execute(context.Background()))
	ask := func(at string) {
		out, err := kubectl("annotate", "jm", "shop", "journeyman.dev/run-at="+at, "--overwrite")
		require.NoError(t, err, out)
	}
	wait := func(at, timeout string) (string, error) {
		return kubectl("wait", "jm", "shop", "--for=jsonpath={.status.trace.analysis.handledRunAt}="+at, "--timeout="+timeout)
	}
	ask("2026-11-30T12:00:00.123456789Z")
	run := c.runAfter(doc, shopEvents(t), time.Minute)
	go func() { _ = run.Execute(context.Background()) }()
	out, err := wait("2026-11-30T12:00:00.123456789Z", "60s")
	require.NoError(t, err, out)
	require.EqualValues(t, 3, c.liveMap(t, "shop").Status.Summary.Customers)

	ask("failing")
	require.Error(t, c.runAfter(doc, awayStore{}, 2*time.Minute).Execute(context.Background()))
	out, err = wait("failing", "1s")
	require.ErrorContains(t, err, "exit status 1")
	require.Contains(t, out, "timed out waiting for the condition")
	out, err = kubectl("get", "jm", "shop", "-o", "jsonpath={.status.trace.lastRun}")
	require.NoError(t, err, out)
	require.Contains(t, out, `"handledRunAt":"failing"`)
	require.Contains(t, out, "store unavailable")
}
