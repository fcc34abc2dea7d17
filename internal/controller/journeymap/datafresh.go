// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journeymap

import (
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// dataFresh summarises the sources: a stale source outweighs an unknown one, and an unknown one outweighs any that are fresh.
func dataFresh(sources []*v1alpha1.TouchpointSource) status.Verdict {
	if len(sources) == 0 {
		return status.Unknown(v1alpha1.ReasonNoSources, "No TouchpointSource feeds the map.")
	}
	f := freshness{why: v1alpha1.ReasonNotObserved}
	for _, s := range sources {
		f.add(s)
	}
	switch {
	case len(f.stale) > 0:
		return status.False(v1alpha1.ReasonSourceStale, "No event was received within expectEvery from %s.", value.Listed(append(f.stale, f.never...)))
	case len(f.never) > 0:
		return status.False(v1alpha1.ReasonNeverReceived, "No event was ever received from %s.", value.Listed(f.never))
	case len(f.unknown) > 0:
		return status.Unknown(f.why, "It is not known how fresh the data of %s are.", value.Listed(f.unknown))
	case len(f.idle) == len(sources):
		return status.Unknown(v1alpha1.ReasonNotObserved, "No event has been received yet from %s.", value.Listed(f.idle))
	case !f.expecting:
		return status.True(v1alpha1.ReasonNoExpectation, "No source of the map has expectEvery set, so freshness is not checked.")
	default:
		return status.True(v1alpha1.ReasonWithinExpectation, "Every source that has expectEvery set received an event in time.")
	}
}

// freshness groups sources by their condition Fresh. Fresh sources are in no list.
type freshness struct {
	// stale sources stopped sending and never sources never sent, both for longer than expected. idle sources never sent, but have no expectation.
	stale, never, unknown, idle []string
	// why is the reason of unknown.
	why string
	// expecting is set if a source has expectEvery set.
	expecting bool
}

// sinceReceipt formats a source with the time of its last receipt, which does not change while it is silent.
func sinceReceipt(s *v1alpha1.TouchpointSource) string {
	at := s.Status.NewestReceivedTime
	if at == nil {
		return s.Name
	}
	return fmt.Sprintf("%s (%s, nothing since %s)", s.Name, s.Spec.ExpectEvery, at.UTC().Format(time.RFC3339))
}

func (f *freshness) add(s *v1alpha1.TouchpointSource) {
	f.expecting = f.expecting || s.Spec.ExpectEvery != ""
	c := meta.FindStatusCondition(s.Status.Conditions, v1alpha1.ConditionFresh)
	switch {
	case c == nil:
		f.unknown = append(f.unknown, s.Name)
	case c.Status == metav1.ConditionUnknown && c.Reason == v1alpha1.ReasonNotObserved && s.Spec.ExpectEvery == "":
		f.idle = append(f.idle, s.Name)
	case c.Status == metav1.ConditionUnknown:
		f.unknown = append(f.unknown, s.Name)
		if c.Reason == v1alpha1.ReasonStoreUnavailable {
			f.why = c.Reason
		}
	case c.Status == metav1.ConditionFalse && c.Reason == v1alpha1.ReasonNeverReceived:
		f.never = append(f.never, s.Name)
	case c.Status == metav1.ConditionFalse:
		f.stale = append(f.stale, sinceReceipt(s))
	}
}
