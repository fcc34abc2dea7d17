// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package podevents

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestNewest(t *testing.T) {
	noon := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	event := func(kind, name, reason string, ago time.Duration) eventsv1.Event {
		return eventsv1.Event{
			Type: corev1.EventTypeWarning, Regarding: corev1.ObjectReference{Kind: kind, Name: name}, Reason: reason, Note: "of " + name,
			EventTime: metav1.NewMicroTime(noon.Add(-ago)),
		}
	}
	series := event("StatefulSet", "main-store", "FailedCreate", time.Hour)
	series.Series = &eventsv1.EventSeries{LastObservedTime: metav1.NewMicroTime(noon.Add(-time.Second))}
	old := eventsv1.Event{
		Type: corev1.EventTypeWarning, Regarding: corev1.ObjectReference{Kind: "Pod", Name: "main-store-0"}, Reason: "BackOff", Note: "image",
		DeprecatedLastTimestamp: metav1.NewTime(noon.Add(-2 * time.Second)),
	}
	normal := event("Pod", "main-store-0", "Scheduled", 0)
	normal.Type = corev1.EventTypeNormal
	for name, tt := range map[string]struct {
		list []eventsv1.Event
		want string
	}{
		"nothing":                       {nil, ""},
		"the scheduler":                 {[]eventsv1.Event{event("Pod", "main-store-0", "FailedScheduling", time.Minute)}, " FailedScheduling: of main-store-0"},
		"the newest":                    {[]eventsv1.Event{event("Pod", "main-store-0", "FailedScheduling", time.Minute), series, old}, " FailedCreate: of main-store"},
		"in the old form":               {[]eventsv1.Event{event("Pod", "main-store-0", "FailedScheduling", time.Minute), old}, " BackOff: image"},
		"too old":                       {[]eventsv1.Event{event("Pod", "main-store-0", "FailedScheduling", fresh)}, ""},
		"of another workload":           {[]eventsv1.Event{event("Pod", "main-storefront-0", "FailedScheduling", 0), event("Pod", "x", "FailedMount", 0)}, ""},
		"of a store with a longer name": {[]eventsv1.Event{event("Pod", "main-store-store-0", "FailedScheduling", 0), event("Pod", "main-store-eu-ingest-5d9c-x2x7k", "BackOff", 0)}, ""},
		"of one of our own kinds":       {[]eventsv1.Event{event("EventStore", "main-store", "StoreUnavailable", 0)}, ""},
		"a probe, while the pod starts": {[]eventsv1.Event{event("Pod", "main-store-0", "Unhealthy", 0), normal}, ""},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, tt.want, newest(tt.list, "main-store", noon)) })
	}
}
