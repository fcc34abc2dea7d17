// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package podevents finds the cluster's messages about pods that do not start, from a quota, the scheduler, the kubelet or a volume's provisioner. For
// StatefulSets and Jobs, they are only in Events, so the operator can list Events, but no Pods.
package podevents

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
	// fresh is the maximum age of an Event that explains why a pod does not start. All of these Events repeat while their cause exists.
	fresh = 10 * time.Minute
	// maxEvents is the number of Events that are read in a namespace.
	maxEvents = 500
	// maxLength is the length of a message, in bytes.
	maxLength = 400
	// Interval is how often to read Events while a pod does not start. Events are not watched.
	Interval = 20 * time.Second
)

// kinds of objects between a workload and its running pods.
var kinds = []string{"Pod", "ReplicaSet", "StatefulSet", "Job", "PersistentVolumeClaim"}

// Latest returns the latest message about a workload, or about objects that are created from it, which have its name and a suffix. It has a leading
// blank, so that it can follow a sentence. It is empty if there is none, or if Events cannot be read: they only explain, and decide nothing.
func Latest(ctx context.Context, live client.Reader, at client.ObjectKey, now time.Time) string {
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
	return " " + best.Reason + ": " + status.Shorten(best.Note, maxLength)
}

// concerns ignores failing probes, which are normal while a pod starts.
func concerns(e *eventsv1.Event, name string) bool {
	return e.Type == corev1.EventTypeWarning && e.Reason != "Unhealthy" && slices.Contains(kinds, e.Regarding.Kind) &&
		madeOf(e.Regarding.Name, name)
}

// madeOf reports whether a name is that of a workload, or of an object that is created from it: its pods, a ReplicaSet, a Job, with generated
// suffixes. Generated suffixes contain no vowels, so a suffix that contains one of the operator's own belongs to another object: EventStore shop has
// the pod shop-store-0, and EventStore shop-store has shop-store-store-0.
func madeOf(name, workload string) bool {
	ending, ok := strings.CutPrefix(name, workload)
	return ok && (ending == "" || ending[0] == '-' && !slices.ContainsFunc(strings.Split(ending, "-"), func(s string) bool {
		return slices.Contains(ours, s)
	}))
}

// ours are the suffixes of the names of the operator's workloads.
var ours = []string{"store", "ingest", "map", "report"}

// last returns the time at which an Event was last seen, for each of its three forms.
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
