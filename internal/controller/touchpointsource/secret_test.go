// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package touchpointsource

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/storewatch"
)

func TestSecretMissing(t *testing.T) {
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
