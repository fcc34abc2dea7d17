// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"maps"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/test/rig/suite"
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

// volumeChanges are changes of size and class of the volume, which rules compare with the stored object.
var volumeChanges = map[string]struct {
	from, to any
	field    string
	path     string
	want     string
}{
	"grow":                     {from: "10Gi", to: "20Gi", path: storage + ".size"},
	"same in another spelling": {from: "10Gi", to: "10240Mi", path: storage + ".size"},
	"increase from a number":   {from: int64(1 << 30), to: "2Gi", path: storage + ".size"},
	"decrease of a size that was never granted": {from: "10Gi", to: "9Gi", path: storage + ".size"},
	"another class":             {from: "fast", to: "slow", path: storage + ".storageClassName", field: storage, want: classStays},
	"a class where was none":    {from: nil, to: "slow", path: storage + ".storageClassName", field: storage, want: classStays},
	"no class where was one":    {from: "fast", to: nil, path: storage + ".storageClassName", field: storage, want: classStays},
	"another reclaim policy":    {from: "Retain", to: "Delete", path: storage + ".reclaimPolicy"},
	"another retention instead": {from: "400d", to: "30d", path: "spec.retention"},
}

var _ = Describe("A change of a stored EventStore", suite.Fast, func() {
	for _, name := range slices.Sorted(maps.Keys(volumeChanges)) {
		c := volumeChanges[name]
		It("is accepted or refused: "+name, func(ctx SpecContext) {
			obj := edits{c.path: c.from, "metadata.name": ""}.apply(load("eventstore"))
			obj.SetGenerateName("volume-")
			Expect(api.Create(ctx, obj)).To(Succeed())
			DeferCleanup(func(ctx SpecContext) error { return api.Delete(ctx, obj) })
			err := api.Update(ctx, edits{c.path: c.to}.apply(obj))
			if c.want == "" {
				Expect(err).NotTo(HaveOccurred())
				return
			}
			got := causes(err)
			Expect(got).To(HaveLen(1))
			Expect(got[0].Field).To(Equal(c.field))
			Expect(strings.HasSuffix(got[0].Message, ": "+c.want)).To(BeTrue(), "%v", got[0].Message)
		})
	}

	It("can decrease the size to that of the volume, and not below", func(ctx SpecContext) {
		obj := edits{storage + ".size": "50Gi", "metadata.name": ""}.apply(load("eventstore"))
		obj.SetGenerateName("granted-")
		Expect(api.Create(ctx, obj)).To(Succeed())
		DeferCleanup(func(ctx SpecContext) error { return api.Delete(ctx, obj) })
		obj.Object["status"] = map[string]any{"grantedSize": "10Gi"}
		Expect(api.Status().Update(ctx, obj)).To(Succeed())
		for size, fine := range map[any]bool{"20Gi": true, "10Gi": true, "10240Mi": true, "9Gi": false, int64(1 << 30): false} {
			err := api.Update(ctx, edits{storage + ".size": size}.apply(obj), client.DryRunAll)
			if fine {
				Expect(err).NotTo(HaveOccurred(), "%v", size)
				continue
			}
			Expect(err).To(MatchError(ContainSubstring(grantedStays)), "%v", size)
		}
	})
})
