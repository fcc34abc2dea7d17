// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	grantedStays = "spec.backend.embedded.storage.size is less than status.grantedSize, and a volume cannot be shrunk: set it to status.grantedSize or more"
	classStays   = "storageClassName cannot be changed: create a new EventStore and let the sources write to it"
	storage      = "spec.backend.embedded.storage"
)

var eventStoreRules = []rule{
	{
		doc: "eventstore", field: "spec.backend", message: "set exactly one backend: embedded",
		refuse: []edits{{"spec.backend": map[string]any{}}},
	},
	{
		doc: "eventstore", field: storage + ".size", message: "size must be at least 64Mi",
		accept: []edits{{storage + ".size": "64Mi"}, {storage + ".size": int64(1 << 30)}, {storage + ".size": "1e9"}},
		refuse: []edits{{storage + ".size": "63Mi"}, {storage + ".size": int64(1000)}, {storage + ".size": "-1Gi"}},
	},
	{
		doc: "eventstore", field: "spec.privacy",
		message: "hash and pepperSecretRef belong together: hashing needs a pepper, and a pepper is only used for hashing",
		accept:  []edits{{"spec.privacy": map[string]any{}}, {"spec.privacy": map[string]any{"hash": []any{}}}, {"spec.privacy": nil}},
		refuse: []edits{
			{"spec.privacy.hash": nil}, {"spec.privacy.hash": []any{}}, {"spec.privacy.pepperSecretRef": nil},
		},
	},
	{
		doc: "eventstore", field: "spec.identity.maxLinks",
		message: "maxLinks takes types of at most 32 characters, and a number of links from 1 to 1000 for each",
		accept: []edits{
			{"spec.identity.maxLinks": map[string]any{strings.Repeat("a", 32): int64(1)}}, {"spec.identity.maxLinks.email": int64(1000)},
		},
		refuse: []edits{
			{"spec.identity.maxLinks": map[string]any{strings.Repeat("a", 33): int64(1)}},
			{"spec.identity.maxLinks.email": int64(0)}, {"spec.identity.maxLinks.email": int64(1001)},
		},
	},
	{
		doc: "eventstore", field: "spec.identity.maxLinks",
		message: "maxLinks cannot name customerId: it is the strongest type, so there is nothing stronger that it could be linked to",
		refuse:  []edits{{"spec.identity.maxLinks.customerId": int64(1)}},
	},
}

// The rules that compare with the stored object: the volume's size and class.
func TestVolumeChanges(t *testing.T) {
	cases := map[string]struct {
		from, to any
		field    string
		path     string
		want     string
	}{
		"grow":                             {from: "10Gi", to: "20Gi", path: storage + ".size"},
		"same in another spelling":         {from: "10Gi", to: "10240Mi", path: storage + ".size"},
		"grow from a number":               {from: int64(1 << 30), to: "2Gi", path: storage + ".size"},
		"back from what was never granted": {from: "10Gi", to: "9Gi", path: storage + ".size"},
		"another class":                    {from: "fast", to: "slow", path: storage + ".storageClassName", field: storage, want: classStays},
		"a class where was none":           {from: nil, to: "slow", path: storage + ".storageClassName", field: storage, want: classStays},
		"no class where was one":           {from: "fast", to: nil, path: storage + ".storageClassName", field: storage, want: classStays},
		"another reclaim policy":           {from: "Retain", to: "Delete", path: storage + ".reclaimPolicy"},
		"another retention instead":        {from: "400d", to: "30d", path: "spec.retention"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			obj := edits{c.path: c.from, "metadata.name": ""}.apply(t, load(t, "eventstore"))
			obj.SetGenerateName("volume-")
			require.NoError(t, api.Create(t.Context(), obj))
			t.Cleanup(func() { require.NoError(t, deleteNow(obj)) })
			err := api.Update(t.Context(), edits{c.path: c.to}.apply(t, obj))
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			got := causes(t, err)
			require.Len(t, got, 1)
			require.Equal(t, c.field, got[0].Field)
			require.True(t, strings.HasSuffix(got[0].Message, ": "+c.want), got[0].Message)
		})
	}
}

// TestGrantedSize: the size can go back to what the volume has, by the status, and not below it.
func TestGrantedSize(t *testing.T) {
	obj := edits{storage + ".size": "50Gi", "metadata.name": ""}.apply(t, load(t, "eventstore"))
	obj.SetGenerateName("granted-")
	require.NoError(t, api.Create(t.Context(), obj))
	t.Cleanup(func() { require.NoError(t, deleteNow(obj)) })
	obj.Object["status"] = map[string]any{"grantedSize": "10Gi"}
	require.NoError(t, api.Status().Update(t.Context(), obj))
	for size, fine := range map[any]bool{"20Gi": true, "10Gi": true, "10240Mi": true, "9Gi": false, int64(1 << 30): false} {
		err := api.Update(t.Context(), edits{storage + ".size": size}.apply(t, obj), client.DryRunAll)
		if fine {
			require.NoError(t, err, size)
			continue
		}
		require.ErrorContains(t, err, grantedStays, size)
	}
}

// deleteNow removes a stored object after its test, whose context has ended by then.
func deleteNow(obj *unstructured.Unstructured) error {
	return api.Delete(context.Background(), obj)
}
