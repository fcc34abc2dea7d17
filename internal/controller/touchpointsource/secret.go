// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package touchpointsource

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/internal/controller/storewatch"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// secretMissing says whether the Secrets are there, as the pods see it: the operator never reads Secrets. Pods say so by themselves;
// those of earlier releases only count what they refuse.
func secretMissing(
	s *v1alpha1.TouchpointSource, es *v1alpha1.EventStore, look storewatch.SourceLook, was *metav1.Condition,
) (status.Verdict, bool) {
	if len(look.Reports) > 0 {
		missing := lacking(s, es, look.Reports)
		return secretNotFound(missing), len(missing) > 0
	}
	return secretCounted(s, es, look, was)
}

// lacking gives what pods lack, each Secret once and in a fixed order: a message that changes with the pod that speaks first would be written
// again and again.
func lacking(s *v1alpha1.TouchpointSource, es *v1alpha1.EventStore, reports []store.Report) []string {
	var out []string
	for _, r := range reports {
		for _, m := range r.Missing {
			path, _ := secretRef(s)
			switch m.For {
			case store.SecretForHashing:
				path, _ = pepperRef(es)
			case store.SecretForTLS:
				path = "spec.tls.secretRef"
			}
			out = append(out, fmt.Sprintf("%s (Secret %s, key %s): %s", path, shown(m.Name), shown(m.Key), shown(m.Problem)))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// shown gives a text of a report in the length that a condition should have.
func shown(text string) string { return status.Shorten(text, maxExample) }

func secretNotFound(missing []string) status.Verdict {
	return status.False(v1alpha1.ReasonSecretNotFound,
		"Requests are refused. %s. The pods take a Secret up by themselves as soon as it is there.", strings.Join(missing, "; "))
}

// secretCounted draws from the counters of refused requests whether the Secrets are there. Without traffic the verdict stays as it was.
func secretCounted(
	s *v1alpha1.TouchpointSource, es *v1alpha1.EventStore, look storewatch.SourceLook, was *metav1.Condition,
) (status.Verdict, bool) {
	switch {
	// What was accepted in the same time says that the Secret has come, or has only just gone: the next look will tell.
	case look.Traffic.ByReason[reject.SecretMissing] > 0 && look.Traffic.Accepted == 0:
	case look.Traffic.Seen():
		return status.Verdict{}, false
	case was != nil && was.Reason == v1alpha1.ReasonSecretNotFound:
		return status.Keep(was, status.Verdict{}), true
	case look.State.Counters.Accepted > 0 || look.State.Counters.Rejected[reject.SecretMissing].Count == 0:
		return status.Verdict{}, false
	}
	// Nothing was ever accepted and requests were refused for want of the Secret, before the first look or the operator's own restart.
	what := look.State.Counters.Rejected[reject.SecretMissing].Example
	path, ref := secretRef(s)
	key := v1alpha1.DefaultSecretKey
	if strings.Contains(what, "pepper") {
		path, ref = pepperRef(es)
		key = v1alpha1.DefaultPepperKey
	}
	if ref != nil {
		what = fmt.Sprintf("%s (Secret %s, key %s): %s", path, ref.Name, ref.KeyOr(key), what)
	}
	return secretNotFound([]string{what}), true
}

// pepperRef gives the reference to the Secret for hashing, and its path.
func pepperRef(es *v1alpha1.EventStore) (string, *v1alpha1.SecretKeyReference) {
	if es == nil || es.Spec.Privacy == nil {
		return "spec.privacy.pepperSecretRef of the EventStore", nil
	}
	return "EventStore " + es.Name + " spec.privacy.pepperSecretRef", es.Spec.Privacy.PepperSecretRef
}

// secretRef gives the reference to the Secret for verification, and its path.
func secretRef(s *v1alpha1.TouchpointSource) (string, *v1alpha1.SecretKeyReference) {
	name, ref := s.Spec.Transport.Chosen()
	return "spec.transport." + name + ".secretRef", ref
}
