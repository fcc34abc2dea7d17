// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/journeyman-dev/journeyman/internal/manifest"
)

// rule is one CEL rule of a CRD with edits of a document that it accepts and refuses. The document itself is accepted too.
type rule struct {
	doc     string
	message string
	field   string
	accept  []edits
	refuse  []edits
}

// transitions are rules on a change, which TestVolumeChanges and TestGrantedSize hold on stored objects.
var transitions = []string{grantedStays, classStays}

func allRules() []rule {
	return slices.Concat(commonRules, eventStoreRules, sourceRules, hmacRules, mapRules, analysisRules, reportRules, customerRules, journeysRules)
}

func TestRules(t *testing.T) {
	for _, r := range allRules() {
		t.Run(r.doc+"/"+r.message, func(t *testing.T) {
			require.NoError(t, create(t.Context(), load(t, r.doc)), "the document itself")
			for _, e := range r.accept {
				require.NoError(t, create(t.Context(), e.apply(t, load(t, r.doc))), "%v", e)
				require.NoError(t, checkOffline(t, e.apply(t, load(t, r.doc))), "%v, without a cluster", e)
			}
			require.NotEmpty(t, r.refuse)
			for _, e := range r.refuse {
				got := causes(t, create(t.Context(), e.apply(t, load(t, r.doc))))
				require.Len(t, got, 1, "%v: only this rule should refuse: %v", e, got)
				require.Equal(t, r.field, got[0].Field, "%v", e)
				require.True(t, strings.HasSuffix(got[0].Message, ": "+r.message), "%v: %s", e, got[0].Message)
				offline := checkOffline(t, e.apply(t, load(t, r.doc)))
				// The API server has no field for a rule on the whole object; without a cluster the one that its message begins with stands for it.
				require.ErrorContains(t, offline, strings.Replace(r.field, "<nil>", "metadata.name", 1), "%v, without a cluster", e)
				require.ErrorContains(t, offline, strings.TrimPrefix(r.message, "metadata.name "), "%v, without a cluster", e)
			}
		})
	}
}

// Every rule of every CRD has a case here.
func TestEveryRuleIsTested(t *testing.T) {
	tested := map[string]map[string]bool{}
	for _, r := range allRules() {
		kind, _, _ := strings.Cut(r.doc, "-")
		if tested[kind] == nil {
			tested[kind] = map[string]bool{}
		}
		tested[kind][r.message] = true
	}
	for kind, root := range schemas(t) {
		walk(root, nil, func(path []string, s schema) {
			for _, v := range s.XValidations {
				if slices.Contains(transitions, v.Message) {
					continue
				}
				shared := tested["journeymap"][v.Message]
				require.True(t, tested[kind][v.Message] || shared, "%s %s: no case for the rule %q", kind, dotted(path), v.Message)
			}
		})
	}
}

var offlineChecker = sync.OnceValues(manifest.NewChecker)

// checkOffline checks a document as kubectl journey preview does.
func checkOffline(t *testing.T, u *unstructured.Unstructured) error {
	t.Helper()
	raw, err := u.MarshalJSON()
	require.NoError(t, err)
	fresh := &unstructured.Unstructured{}
	require.NoError(t, fresh.UnmarshalJSON(raw))
	checker, err := offlineChecker()
	require.NoError(t, err)
	return checker.Check(t.Context(), fresh)
}
