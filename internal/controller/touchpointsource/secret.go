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
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// secretMissing evaluates whether Secrets are missing, as reported by the pods, because the operator never reads Secrets. Without a report, as after
// a restart of the store, the condition does not change.
func secretMissing(s *v1alpha1.TouchpointSource, es *v1alpha1.EventStore, look storewatch.SourceLook, was *metav1.Condition) (status.Verdict, bool) {
	if len(look.Reports) == 0 {
		return status.Keep(was, status.Verdict{}), was != nil && was.Reason == v1alpha1.ReasonSecretNotFound
	}
	missing := lacking(s, es, look.Reports)
	return secretNotFound(withoutSecrets(s, look.Reports), missing), len(missing) > 0
}

// withoutSecrets says what pods do without the Secrets that they miss.
func withoutSecrets(s *v1alpha1.TouchpointSource, reports []store.Report) string {
	for _, r := range reports {
		for _, m := range r.Missing {
			switch {
			case s.Spec.Transport.Files != nil:
				return "No file can be imported."
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
			path, object := secretPath(s, m), "Secret "
			switch m.For {
			case store.SecretForHashing:
				path = pepperPath(es)
			case store.SecretForTLS:
				path = "spec.tls.secretRef"
			case store.SecretForReading:
				path, object = readingPath(s, m)
			}
			out = append(out, fmt.Sprintf("%s (%s%s, key %s): %s", path, object, shown(m.Name), shown(m.Key), shown(m.Problem)))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// shown returns a text of a report, limited to the length for a condition.
func shown(text string) string { return status.Shorten(text, maxExample) }

func secretNotFound(consequence string, missing []string) status.Verdict {
	list := strings.Join(missing, "; ")
	object := "a Secret"
	if strings.Contains(list, "(ConfigMap ") {
		object = "a Secret or ConfigMap"
	}
	return status.False(v1alpha1.ReasonSecretNotFound,
		"%s %s. The pods use %s as soon as it exists; you need not restart them.", consequence, list, object)
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
		return earlierSpec
	}
	return "spec.transport." + name + ".secretRef"
}

const earlierSpec = "The pods still have an earlier spec"

// readingPath returns the path of the reference to what the pods need to read, and the kind of object that it refers to, followed by a space. In an
// earlier spec it could have been both, and only the pod's message says which.
func readingPath(s *v1alpha1.TouchpointSource, m store.MissingSecret) (path, object string) {
	t := &s.Spec.Transport
	name, ref := t.Chosen()
	for _, f := range podconfig.TransportFiles(t) {
		path := strings.TrimSuffix("spec.transport."+name+"."+f.Field, ".")
		switch {
		case f.Key != m.Key:
		case f.Secret == m.Name:
			return path, "Secret "
		case f.ConfigMap == m.Name:
			return path, "ConfigMap "
		}
	}
	if ref != nil && ref.Name == m.Name { // The secret of follow-up reads.
		return "spec.transport." + name + ".secretRef", "Secret "
	}
	return earlierSpec, ""
}
