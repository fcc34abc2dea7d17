// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package touchpointsource

import (
	"cmp"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/config"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/status"
	"github.com/journeyman-dev/journeyman/internal/storewatch"
)

// secretMissing draws from the pods' counters whether the Secrets are there: the operator never reads Secrets. Without traffic the
// verdict stays as it was. A source that nobody has sent anything to is not known to lack its Secret.
func secretMissing(
	s *v1alpha1.TouchpointSource, store *v1alpha1.EventStore, look storewatch.SourceLook, was *metav1.Condition,
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
	key := config.DefaultSecretKey
	if store != nil && store.Spec.Privacy != nil && strings.Contains(what, "pepper") {
		path, ref, key = "EventStore "+store.Name+" spec.privacy.pepperSecretRef", store.Spec.Privacy.PepperSecretRef, config.DefaultPepperKey
	}
	if ref != nil {
		what = fmt.Sprintf("%s (Secret %s, key %s): %s", path, ref.Name, cmp.Or(ref.Key, key), what)
	}
	return status.False(v1alpha1.ReasonSecretNotFound,
		"Every request is refused. %s. The pods take a Secret up by themselves as soon as it is there.", what), true
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
