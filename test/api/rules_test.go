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

// rule is one CEL rule of a CRD with edits of a document that it accepts and refuses. The document itself is accepted too.
type rule struct {
	doc     string
	message string
	field   string
	accept  []edits
	refuse  []edits
}

// transitions are rules on a change, which rules_store_test.go holds on stored objects.
var transitions = []string{grantedStays, classStays}

func allRules() []rule {
	return slices.Concat(commonRules, eventStoreRules, sourceRules, hmacRules, mapRules, analysisRules, reportRules, customerRules, journeysRules)
}

var _ = Describe("A rule", suite.Fast, func() {
	for _, r := range allRules() {
		It("holds: "+r.doc+"/"+r.message, func(ctx SpecContext) {
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
				// The API server has no field for a rule on the whole object; without a cluster the one that its message begins with stands for it.
				Expect(offline).To(MatchError(ContainSubstring(strings.Replace(r.field, "<nil>", "metadata.name", 1))), "%v, without a cluster", e)
				Expect(offline).To(MatchError(ContainSubstring(strings.TrimPrefix(r.message, "metadata.name "))), "%v, without a cluster", e)
			}
		})
	}

	It("of any CRD has a case here", func() {
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

// checkOffline checks a document as kubectl journey preview does.
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
