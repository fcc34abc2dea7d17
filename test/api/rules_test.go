// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"slices"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/journeyman-dev/journeyman/internal/manifest"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// rule is one CEL rule of a CRD, with edits of a document that it accepts and refuses. It also accepts the document itself.
type rule struct {
	doc     string
	message string
	field   string
	accept  []edits
	refuse  []edits
}

// transitions are rules on changes, which rules_store_test.go tests with stored objects.
var transitions = []string{grantedStays, classStays}

func allRules() []rule {
	return slices.Concat(commonRules, eventStoreRules, sourceRules, hmacRules, mapRules, analysisRules, reportRules, customerRules, journeysRules)
}

var _ = Describe("A rule", suite.Fast, func() {
	for _, r := range allRules() {
		It("accepts and refuses: "+r.doc+"/"+r.message, func(ctx SpecContext) {
			Expect(create(ctx, load(r.doc))).To(Succeed(), "the document itself")
			for _, e := range r.accept {
				Expect(create(ctx, e.apply(load(r.doc)))).To(Succeed(), "%v", e)
				Expect(checkOffline(ctx, e.apply(load(r.doc)))).To(Succeed(), "%v, without a cluster", e)
			}
			Expect(r.refuse).NotTo(BeEmpty())
			for _, e := range r.refuse {
				got := causes(create(ctx, e.apply(load(r.doc))))
				Expect(got).To(HaveLen(1), "%v: only this rule should refuse: %v", e, got)
				Expect(got[0].Field).To(Equal(r.field), "%v", e)
				Expect(strings.HasSuffix(got[0].Message, ": "+r.message)).To(BeTrue(), "%v: %s", e, got[0].Message)
				offline := checkOffline(ctx, e.apply(load(r.doc)))
				// For a rule on the whole object, the API server reports no field. Without a cluster, the field is the one at the start of the message.
				Expect(offline).To(MatchError(ContainSubstring(strings.Replace(r.field, "<nil>", "metadata.name", 1))), "%v, without a cluster", e)
				Expect(offline).To(MatchError(ContainSubstring(strings.TrimPrefix(r.message, "metadata.name "))), "%v, without a cluster", e)
			}
		})
	}

	It("in any CRD has a case here", func() {
		tested := map[string]map[string]bool{}
		for _, r := range allRules() {
			kind, _, _ := strings.Cut(r.doc, "-")
			if tested[kind] == nil {
				tested[kind] = map[string]bool{}
			}
			tested[kind][r.message] = true
		}
		for kind, root := range schemas() {
			walk(root, nil, func(path []string, s schema) {
				for _, v := range s.XValidations {
					if slices.Contains(transitions, v.Message) {
						continue
					}
					shared := tested["journeymap"][v.Message]
					Expect(tested[kind][v.Message] || shared).To(BeTrue(), "%s %s: no case for the rule %q", kind, dotted(path), v.Message)
				}
			})
		}
	})
})

var offlineChecker = sync.OnceValues(manifest.NewChecker)

// checkOffline validates a document like kubectl journey preview.
func checkOffline(ctx context.Context, u *unstructured.Unstructured) error {
	GinkgoHelper()
	raw, err := u.MarshalJSON()
	Expect(err).NotTo(HaveOccurred())
	fresh := &unstructured.Unstructured{}
	Expect(fresh.UnmarshalJSON(raw)).To(Succeed())
	checker, err := offlineChecker()
	Expect(err).NotTo(HaveOccurred())
	return checker.Check(ctx, fresh)
}
