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
	"github.com/journeyman-dev/journeyman/internal/store"
)

// secretMissing evaluates whether Secrets are missing, as reported by the pods, because the operator never reads Secrets. Without a report, as after
// a restart of the store, the condition does not change.
func secretMissing(s *v1alpha1.TouchpointSource, es *v1alpha1.EventStore, look storewatch.SourceLook, was *metav1.Condition) (status.Verdict, bool) {
	if len(look.Reports) == 0 {
		return status.Keep(was, status.Verdict{}), was != nil && was.Reason == v1alpha1.ReasonSecretNotFound
	}
	missing := lacking(s, es, look.Reports)
	return secretNotFound(consequence(s, look.Reports), missing), len(missing) > 0
}

// consequence says what pods do without the Secrets that they miss.
func consequence(s *v1alpha1.TouchpointSource, reports []store.Report) string {
	for _, r := range reports {
		for _, m := range r.Missing {
			switch {
			case s.Spec.Transport.Pulls():
				return "Nothing is read."
			case m.For != store.SecretForHandshake:
				return "Requests are refused."
			}
		}
	}
	return "The handshake of the sender is refused."
}

// lacking lists the Secrets that pods are missing, each once and sorted. A message that depends on the order of reports would be written repeatedly.
func lacking(s *v1alpha1.TouchpointSource, es *v1alpha1.EventStore, reports []store.Report) []string {
	var out []string
	for _, r := range reports {
		for _, m := range r.Missing {
			path := secretPath(s, m)
			switch m.For {
			case store.SecretForHashing:
				path = pepperPath(es)
			case store.SecretForTLS:
				path = "spec.tls.secretRef"
			case store.SecretForReading:
				path = "spec.transport"
			}
			out = append(out, fmt.Sprintf("%s (Secret %s, key %s): %s", path, shown(m.Name), shown(m.Key), shown(m.Problem)))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// shown returns a text of a report, limited to the length for a condition.
func shown(text string) string { return status.Shorten(text, maxExample) }

func secretNotFound(consequence string, missing []string) status.Verdict {
	return status.False(v1alpha1.ReasonSecretNotFound,
		"%s %s. The pods use a Secret as soon as it exists; you need not restart them.", consequence, strings.Join(missing, "; "))
}

// pepperPath returns the path of the reference to the Secret for hashing.
func pepperPath(es *v1alpha1.EventStore) string {
	if es == nil || es.Spec.Privacy == nil {
		return "spec.privacy.pepperSecretRef of the EventStore"
	}
	return "EventStore " + es.Name + " spec.privacy.pepperSecretRef"
}

// secretPath returns the path of the reference to the Secret for verification. Pods can have an earlier spec, with another Secret.
func secretPath(s *v1alpha1.TouchpointSource, m store.MissingSecret) string {
	name, ref := s.Spec.Transport.Chosen()
	if ref == nil || ref.Name != m.Name || m.For != store.SecretForHandshake && ref.KeyOr(v1alpha1.DefaultSecretKey) != m.Key {
		return "The pods still have an earlier spec"
	}
	return "spec.transport." + name + ".secretRef"
}
