// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package touchpointsource

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/config"
	"github.com/journeyman-dev/journeyman/internal/status"
	"github.com/journeyman-dev/journeyman/internal/storewatch"
)

// reasonSecretMissing is what pods count while the Secret, or its key, is not mounted.
const reasonSecretMissing = "secret-missing"

// secretMissing draws from the pods' counters whether the Secret is there: the operator never reads Secrets. Without traffic the
// verdict stays as it was.
func secretMissing(s *v1alpha1.TouchpointSource, look storewatch.SourceLook, was *metav1.Condition) (status.Verdict, bool) {
	path, ref := secretRef(s)
	if ref == nil {
		return status.Verdict{}, false
	}
	switch {
	case look.Traffic.ByReason[reasonSecretMissing] > 0:
	case look.Traffic.Seen():
		return status.Verdict{}, false
	case was != nil && was.Reason == v1alpha1.ReasonSecretNotFound:
		return status.Keep(was, status.Verdict{}), true
	default:
		return status.Verdict{}, false
	}
	key := ref.Key
	if key == "" {
		key = config.DefaultSecretKey
	}
	return status.False(v1alpha1.ReasonSecretNotFound,
		"%s: Secret %s, or its key %s, does not exist, so that every request is refused. Create it; the pods take it up by themselves.",
		path, ref.Name, key), true
}

// secretRef gives the reference to the Secret for verification, and its path.
func secretRef(s *v1alpha1.TouchpointSource) (string, *v1alpha1.SecretKeyReference) {
	t := s.Spec.Transport
	switch {
	case t.Webhook != nil:
		return "spec.transport.webhook.secretRef", t.Webhook.SecretRef
	case t.Segment != nil:
		return "spec.transport.segment.secretRef", &t.Segment.SecretRef
	case t.CloudEvents != nil:
		return "spec.transport.cloudEvents.secretRef", t.CloudEvents.SecretRef
	default:
		return "", nil
	}
}
