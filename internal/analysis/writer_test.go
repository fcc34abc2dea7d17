// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis/publish"
	"github.com/journeyman-dev/journeyman/internal/analysis/result"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// shopEvents returns a store with three visitors whose window has ended, of whom one buys, and one recent visitor.
func shopEvents(t *testing.T) store.Scanner {
	return storeWith(t,
		say(1, "Visited", 3*day), say(1, "Order Completed", 3*day-hour),
		say(2, "Visited", 2*day), say(3, "Visited", 5*day), say(3, "Searched", 5*day-hour),
		say(4, "Visited", 2*hour), say(4, "Order Completed", hour),
	)
}

// operatorWrites applies conditions like the operator.
func operatorWrites(t *testing.T, c *cluster, name, message string) {
	body := `{"apiVersion":"journeyman.dev/v1alpha1","kind":"JourneyMap","metadata":{"name":"` + name + `"},"status":{"observedGeneration":1,
		"conditions":[{"type":"Ready","status":"True","reason":"Applied","message":"` + message + `","lastTransitionTime":"2026-03-01T00:00:00Z"}]}}`
	m := &v1alpha1.JourneyMap{ObjectMeta: metav1.ObjectMeta{Namespace: c.namespace, Name: name}}
	require.NoError(t, c.Status().Patch(context.Background(), m, client.RawPatch(types.ApplyPatchType, []byte(body)),
		client.FieldOwner("journeyman-operator"), client.ForceOwnership))
}

func TestTwoWritersOfAMap(t *testing.T) {
	c := newCluster(t)
	doc := c.createMap(t, "shop", visitMap())
	operatorWrites(t, c, "shop", "before")
	r := runOf(doc, shopEvents(t))
	r.Writer = publish.NewStatusWriter(c.dynamic, doc, r.Scheduled)
	require.NoError(t, r.Execute(context.Background()))
	operatorWrites(t, c, "shop", "after")

	status := c.liveMap(t, "shop").Status
	require.Equal(t, "after", status.Conditions[0].Message)
	require.EqualValues(t, 1, status.ObservedGeneration)
	require.EqualValues(t, 3, status.Summary.Customers)
	require.EqualValues(t, "0.3333", status.Summary.Conversion)
	require.Equal(t, "visit", status.Summary.WorstStage)
	require.Equal(t, "66.7%", status.Summary.Display.DropOff)
	require.Equal(t, &v1alpha1.ProvisionalResult{Entered: 1, Converted: 1}, status.Provisional)
	require.Equal(t, "shop-map-1", status.Trace.LastRun.Job)
	require.Empty(t, status.Trace.LastRun.Error)
	kept, err := r.Store.Results(context.Background(), "JourneyMap/shop/"+doc.UID, 10)
	require.NoError(t, err)
	require.Len(t, kept, 1)

	// The next run has fewer results. Fields that it does not set are removed, and the conditions of the operator stay.
	r.Store, r.Scheduled = storeWith(t), noon.Add(time.Hour)
	r.Writer = publish.NewStatusWriter(c.dynamic, doc, r.Scheduled)
	require.NoError(t, r.Execute(context.Background()))
	status = c.liveMap(t, "shop").Status
	require.Zero(t, status.Summary.Customers)
	require.Nil(t, status.Summary.Display)
	require.Empty(t, status.Coverage.TopUnmatched)
	require.Equal(t, "after", status.Conditions[0].Message)
}

func TestKubectlShowsTheResults(t *testing.T) {
	c := newCluster(t)
	kubectl := c.kubectl(t)
	doc := c.createMap(t, "shop", visitMap())
	r := runOf(doc, shopEvents(t))
	r.Writer = publish.NewStatusWriter(c.dynamic, doc, r.Scheduled)
	require.NoError(t, r.Execute(context.Background()))

	out, err := kubectl("get", "jm")
	require.NoError(t, err, out)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	require.Len(t, lines, 2)
	require.Equal(t, []string{"shop", "3", "0", "33.3%", "visit", "66.7%", noon.Add(-hour).Format(time.RFC3339)}, strings.Fields(lines[1])[:7])

	t.Log("kubectl describe: what is of customers comes first, and nothing is empty")
	described, err := kubectl("describe", "jm", "shop")
	require.NoError(t, err, described)
	require.NotContains(t, described, "<nil>")
	require.Less(t, strings.Index(described, "\n  Summary:"), strings.Index(described, "\n  Trace:"))
	for _, machine := range []string{"Policy:", "Seq:", "UID:  ", "Identity Version:", "Watermark:", "Scheduled Time:"} {
		require.Greater(t, strings.LastIndex(described, machine), strings.Index(described, "\n  Trace:"), machine)
	}
	require.Contains(t, described, "Median Time To Next:  1 h")
}

func TestFailureKeepsResults(t *testing.T) {
	c := newCluster(t)
	doc := c.createMap(t, "shop", visitMap())
	r := runOf(doc, shopEvents(t))
	r.Writer = publish.NewStatusWriter(c.dynamic, doc, r.Scheduled)
	require.NoError(t, r.Execute(context.Background()))
	operatorWrites(t, c, "shop", "there")
	before := c.liveMap(t, "shop").Status

	r.Scheduled, r.Job = noon.Add(time.Hour), "shop-map-2"
	r.Writer = publish.NewStatusWriter(c.dynamic, doc, r.Scheduled)
	r.Store = awayStore{}
	err := r.Execute(context.Background())
	require.ErrorIs(t, err, store.ErrUnavailable)
	require.Equal(t, ExitStoreMissing, ExitCode(err))

	after := c.liveMap(t, "shop").Status
	require.Contains(t, after.Trace.LastRun.Error, "store unavailable")
	require.Equal(t, "shop-map-2", after.Trace.LastRun.Job)
	after.Trace.LastRun = before.Trace.LastRun
	require.Equal(t, before, after)
}

// awayStore is a store that is not available.
type awayStore struct{ store.Scanner }

func (awayStore) State(context.Context) (store.State, error) {
	return store.State{}, errors.Join(store.ErrUnavailable, errors.New("connection refused"))
}

func TestFailureBeforeAnyResult(t *testing.T) {
	c := newCluster(t)
	doc := c.createMap(t, "shop", visitMap())
	r := runOf(doc, awayStore{})
	r.Writer = publish.NewStatusWriter(c.dynamic, doc, r.Scheduled)
	require.Error(t, r.Execute(context.Background()))
	status := c.liveMap(t, "shop").Status
	require.Contains(t, status.Trace.LastRun.Error, "connection refused")
	require.Nil(t, status.Trace.Analysis)
}

func TestSuperseded(t *testing.T) {
	c := newCluster(t)
	first := c.createMap(t, "shop", visitMap())
	events := shopEvents(t)
	run := func(doc *podconfig.Analysis, at time.Time) error {
		r := runOf(doc, events)
		r.Scheduled = at
		r.Writer = publish.NewStatusWriter(c.dynamic, doc, at)
		return r.Execute(context.Background())
	}
	require.NoError(t, run(first, noon))
	before := c.liveMap(t, "shop").ResourceVersion
	refused := func(err error, why string) {
		require.ErrorIs(t, err, publish.ErrSuperseded)
		require.ErrorContains(t, err, why)
		require.Equal(t, ExitDone, ExitCode(err))
		require.Equal(t, before, c.liveMap(t, "shop").ResourceVersion, "nothing is written")
	}
	refused(run(first, noon.Add(-time.Minute)), "scheduled for")
	older := *first
	older.Generation = 0
	refused(run(&older, noon.Add(time.Hour)), "generation")
	another := *first
	another.UID = "f2c1a0f0-0000-4000-8000-000000000000"
	refused(run(&another, noon.Add(time.Hour)), "uid")
	require.NoError(t, run(first, noon), "a retry of the same run writes again")
	newer := *first
	newer.Generation++
	require.NoError(t, run(&newer, noon.Add(-time.Hour)), "a newer generation counts whatever its time")
	require.NoError(t, c.Delete(context.Background(), c.liveMap(t, "shop")))
	require.ErrorIs(t, run(&newer, noon.Add(time.Hour)), publish.ErrSuperseded)
}

// busyObject changes the object between read and write, a number of times.
type busyObject struct {
	dynamic.ResourceInterface
	times int
	touch func()
}

func (b *busyObject) Patch(ctx context.Context, name string, pt types.PatchType, data []byte, o metav1.PatchOptions, sub ...string) (*unstructured.Unstructured, error) {
	if b.times > 0 {
		b.times--
		b.touch()
	}
	return b.ResourceInterface.Patch(ctx, name, pt, data, o, sub...)
}

func TestConflictIsRetried(t *testing.T) {
	c := newCluster(t)
	doc := c.createMap(t, "shop", visitMap())
	r := runOf(doc, shopEvents(t))
	r.Writer = publish.NewStatusWriter(c.dynamic, doc, r.Scheduled)
	message := "a"
	busy := &busyObject{ResourceInterface: r.Writer.Client, times: 3, touch: func() {
		message += "a"
		operatorWrites(t, c, "shop", message)
	}}
	r.Writer.Client = busy
	require.NoError(t, r.Execute(context.Background()))
	require.Zero(t, busy.times)
	status := c.liveMap(t, "shop").Status
	require.EqualValues(t, 3, status.Summary.Customers)
	require.Equal(t, "aaaa", status.Conditions[0].Message)

	// A newer result that is written in between stops the older run.
	older := runOf(doc, shopEvents(t))
	older.Scheduled = noon.Add(time.Minute)
	older.Writer = publish.NewStatusWriter(c.dynamic, doc, older.Scheduled)
	older.Writer.Client = &busyObject{ResourceInterface: older.Writer.Client, times: 1, touch: func() {
		newest := runOf(doc, shopEvents(t))
		newest.Scheduled = noon.Add(time.Hour)
		newest.Writer = publish.NewStatusWriter(c.dynamic, doc, newest.Scheduled)
		require.NoError(t, newest.Execute(context.Background()))
	}}
	require.ErrorIs(t, older.Execute(context.Background()), publish.ErrSuperseded)
	require.True(t, c.liveMap(t, "shop").Status.Trace.Analysis.ScheduledTime.Equal(result.Stamp(noon.Add(time.Hour))))
}

// shakyObject fails to reach the API server a number of times.
type shakyObject struct {
	dynamic.ResourceInterface
	times int
	err   error
}

func (s *shakyObject) Get(ctx context.Context, name string, o metav1.GetOptions, sub ...string) (*unstructured.Unstructured, error) {
	if s.times > 0 {
		s.times--
		return nil, s.err
	}
	return s.ResourceInterface.Get(ctx, name, o, sub...)
}

func TestAPIServerIsUnavailableForAMoment(t *testing.T) {
	c := newCluster(t)
	doc := c.createMap(t, "shop", visitMap())
	write := func(times int, err error) error {
		w := publish.NewStatusWriter(c.dynamic, doc, noon)
		w.Client = &shakyObject{ResourceInterface: w.Client, times: times, err: err}
		return w.WriteFailure(context.Background(), v1alpha1.RunRecord{Time: result.Stamp(noon), Job: "j", Error: "e"})
	}
	require.NoError(t, write(3, &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}))
	require.NoError(t, write(1, apierrors.NewTooManyRequests("busy", 1)))
	require.Equal(t, "e", c.liveMap(t, "shop").Status.Trace.LastRun.Error)
	forbidden := apierrors.NewForbidden(schema.GroupResource{Resource: "journeymaps"}, "shop", errors.New("no role"))
	require.ErrorContains(t, write(1, forbidden), "no role", "what will not change is not tried again")
}
