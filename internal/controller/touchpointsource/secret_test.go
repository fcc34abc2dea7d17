// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package touchpointsource

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/storewatch"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
)

func TestSecretCounted(t *testing.T) {
	missing := func(n int64) map[string]int64 { return map[string]int64{reject.SecretMissing: n} }
	counted := func(accepted, missing int64) store.SourceState {
		c := store.Counters{Accepted: accepted, Rejected: map[string]store.Rejection{}}
		if missing > 0 {
			c.Rejected[reject.SecretMissing] = store.Rejection{Count: missing}
		}
		return store.SourceState{Counters: c}
	}
	reported := &metav1.Condition{Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonSecretNotFound, Message: "as before"}
	for name, tt := range map[string]struct {
		state   store.SourceState
		traffic storewatch.Traffic
		was     *metav1.Condition
		want    bool
	}{
		"nothing was ever sent":                     {counted(0, 0), storewatch.Traffic{}, nil, false},
		"refused before the first look":             {counted(0, 1), storewatch.Traffic{}, nil, true},
		"refused long ago, accepted since":          {counted(5, 1), storewatch.Traffic{}, nil, false},
		"refused lately":                            {counted(5, 3), storewatch.Traffic{Rejected: 2, ByReason: missing(2)}, nil, true},
		"came between two looks":                    {counted(7, 3), storewatch.Traffic{Accepted: 2, Rejected: 2, ByReason: missing(2)}, reported, false},
		"accepted lately":                           {counted(7, 3), storewatch.Traffic{Accepted: 2}, reported, false},
		"another reason lately":                     {counted(0, 3), storewatch.Traffic{Rejected: 2, ByReason: map[string]int64{reject.BadToken: 2}}, reported, false},
		"reported, and quiet since":                 {counted(7, 3), storewatch.Traffic{}, reported, true},
		"reported by an operator that was replaced": {counted(0, 3), storewatch.Traffic{}, reported, true},
	} {
		t.Run(name, func(t *testing.T) {
			look := heard(time.Time{}, noon)
			look.State, look.Traffic = tt.state, tt.traffic
			v, got := secretMissing(source("", noon), nil, look, tt.was)
			require.Equal(t, tt.want, got)
			if got && tt.was == nil {
				require.Equal(t, v1alpha1.ReasonSecretNotFound, v.Reason)
				require.Contains(t, v.Message, "spec.transport.segment.secretRef (Secret write-key, key journeyman-secret)")
			}
		})
	}
}

// TestSecretReported: pods say by themselves what they lack, so nobody has to send anything for it to show.
func TestSecretReported(t *testing.T) {
	const gone = "the Secret or its key is missing or empty"
	report := func(pod string, missing ...store.MissingSecret) store.Report {
		return store.Report{Source: "web", Pod: pod, Missing: missing}
	}
	key := store.MissingSecret{For: store.SecretForSenders, Name: "write-key", Key: "journeyman-secret", Problem: gone}
	pepper := store.MissingSecret{For: store.SecretForHashing, Name: "pepper", Key: "journeyman-pepper", Problem: gone}
	aboutKey := "spec.transport.segment.secretRef (Secret write-key, key journeyman-secret): " + gone
	aboutPepper := "EventStore main spec.privacy.pepperSecretRef (Secret pepper, key journeyman-pepper): " + gone
	refused := storewatch.Traffic{Rejected: 2, ByReason: map[string]int64{reject.SecretMissing: 2}}
	before := &metav1.Condition{Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonSecretNotFound, Message: "as before"}
	es := &v1alpha1.EventStore{ObjectMeta: metav1.ObjectMeta{Name: "main"}, Spec: v1alpha1.EventStoreSpec{
		Privacy: &v1alpha1.PrivacyPolicy{PepperSecretRef: &v1alpha1.SecretKeyReference{Name: "pepper"}},
	}}
	for name, tt := range map[string]struct {
		reports []store.Report
		traffic storewatch.Traffic
		was     *metav1.Condition
		want    string
	}{
		"missing, and nothing was ever sent": {[]store.Report{report("a", key)}, storewatch.Traffic{}, nil, aboutKey},
		"all is well":                        {[]store.Report{report("a")}, storewatch.Traffic{}, nil, ""},
		"came, and nothing was sent since":   {[]store.Report{report("a"), report("b")}, storewatch.Traffic{}, before, ""},
		"came, after the last refusal":       {[]store.Report{report("a")}, refused, before, ""},
		"one of two pods has seen it":        {[]store.Report{report("a"), report("b", key)}, storewatch.Traffic{}, before, aboutKey},
		"went, after the last acceptance":    {[]store.Report{report("a", key)}, storewatch.Traffic{Accepted: 9}, nil, aboutKey},
		"two pods say one thing once":        {[]store.Report{report("a", key), report("b", key)}, storewatch.Traffic{}, nil, aboutKey},
		"the pepper":                         {[]store.Report{report("a", pepper)}, storewatch.Traffic{}, nil, aboutPepper},
		"the certificate": {[]store.Report{report("a", store.MissingSecret{For: store.SecretForTLS, Name: "journeyman-tls", Key: "tls.crt", Problem: gone})},
			storewatch.Traffic{}, nil, "spec.tls.secretRef (Secret journeyman-tls, key tls.crt): " + gone},
		"both, in a fixed order":        {[]store.Report{report("a", key, pepper)}, storewatch.Traffic{}, nil, aboutPepper + "; " + aboutKey},
		"both, by different pods":       {[]store.Report{report("a", key), report("b", pepper)}, storewatch.Traffic{}, nil, aboutPepper + "; " + aboutKey},
		"no reports: the counters tell": {nil, refused, nil, "spec.transport.segment.secretRef (Secret write-key, key journeyman-secret): "},
	} {
		t.Run(name, func(t *testing.T) {
			look := heard(time.Time{}, noon)
			look.Reports, look.Traffic = tt.reports, tt.traffic
			v, got := secretMissing(source("", noon), es, look, tt.was)
			require.Equal(t, tt.want != "", got)
			if got {
				require.Equal(t, metav1.ConditionFalse, v.Status)
				require.Equal(t, v1alpha1.ReasonSecretNotFound, v.Reason)
				require.Equal(t, "Requests are refused. "+tt.want+". The pods take a Secret up by themselves as soon as it is there.", v.Message)
			}
		})
	}
}
