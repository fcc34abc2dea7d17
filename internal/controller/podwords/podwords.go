// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package podwords finds out what the cluster says about pods that do not start: the messages of a quota, the scheduler, the kubelet or a volume's
// provisioner. They are in Events alone where a StatefulSet or a Job is concerned, so the operator may list Events, and no Pods.
package podwords

import (
	"context"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/internal/controller/status"
)

// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=list

const (
	// fresh is how old an Event may be that still says why a pod does not come up: all of these repeat while they hold.
	fresh = 10 * time.Minute
	// maxEvents bounds what is read of a namespace.
	maxEvents = 500
	// maxWords of a message, in bytes.
	maxWords = 400
	// Again is when to look again while a pod is waited for: Events are not watched.
	Again = 20 * time.Second
)

// kinds of objects that stand between a workload and its running pods.
var kinds = []string{"Pod", "ReplicaSet", "StatefulSet", "Job", "PersistentVolumeClaim"}

// Of returns the newest words about a workload, or about what is made from it and has its name and a suffix; with a blank before them, so that they
// can follow a sentence. It is empty when there are none, or when Events cannot be read: they explain, and decide nothing.
func Of(ctx context.Context, live client.Reader, at client.ObjectKey, now time.Time) string {
	var list eventsv1.EventList
	err := live.List(ctx, &list, client.InNamespace(at.Namespace), client.MatchingFields{"type": corev1.EventTypeWarning}, client.Limit(maxEvents))
	if err != nil {
		return ""
	}
	return newest(list.Items, at.Name, now)
}

func newest(list []eventsv1.Event, name string, now time.Time) string {
	var best *eventsv1.Event
	for i := range list {
		if e := &list[i]; concerns(e, name) && now.Sub(last(e)) < fresh && (best == nil || last(e).After(last(best))) {
			best = e
		}
	}
	if best == nil {
		return ""
	}
	return " " + best.Reason + ": " + status.Shorten(best.Note, maxWords)
}

// concerns leaves out probes that fail: while a pod starts they do.
func concerns(e *eventsv1.Event, name string) bool {
	return e.Type == corev1.EventTypeWarning && e.Reason != "Unhealthy" && slices.Contains(kinds, e.Regarding.Kind) &&
		madeOf(e.Regarding.Name, name)
}

// madeOf reports whether a name is that of a workload, or of what is made from it: its pods, a ReplicaSet, a Job, with endings that the cluster makes up.
// These have no vowels, so an ending in which one of our own stands is of another object: EventStore shop has the pod shop-store-0, and EventStore
// shop-store has shop-store-store-0.
func madeOf(name, workload string) bool {
	ending, ok := strings.CutPrefix(name, workload)
	return ok && (ending == "" || ending[0] == '-' && !slices.ContainsFunc(strings.Split(ending, "-"), func(s string) bool {
		return slices.Contains(ours, s)
	}))
}

// ours are the endings of the names of our own workloads.
var ours = []string{"store", "ingest", "map", "report"}

// last is when an Event was seen last, in whichever of its three forms it was written.
func last(e *eventsv1.Event) time.Time {
	t := e.EventTime.Time
	if e.Series != nil && e.Series.LastObservedTime.After(t) {
		t = e.Series.LastObservedTime.Time
	}
	if e.DeprecatedLastTimestamp.After(t) {
		t = e.DeprecatedLastTimestamp.Time
	}
	return t
}
