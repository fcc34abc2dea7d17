// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package children

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/journeyman-dev/journeyman/internal/resources"
)

// The message suggests a fix that helps: increasing a quota does not help against a duplicate port, and deleting an object does not help against a
// quota.
func TestRefusalSuggestsAFix(t *testing.T) {
	c := resources.Child{GVK: schema.GroupVersionKind{Version: "v1", Kind: "Service"}, Namespace: "shop", Name: "web-ingest"}
	name := field.NewPath("spec", "ports").Index(1).Child("name")
	twice := apierrors.NewInvalid(schema.GroupKind{Kind: "Service"}, c.Name, field.ErrorList{field.Duplicate(name, "http")})
	quota := apierrors.NewForbidden(schema.GroupResource{Resource: "services"}, c.Name, errors.New("exceeded quota: small"))
	for want, err := range map[string]error{
		"Revert the changes of others, or delete the object; the operator then creates it again.": twice,
		"Change the quota or the policy so that it allows the object.":                            quota,
	} {
		var r *refusal
		require.ErrorAs(t, refused(c, err), &r)
		require.Contains(t, r.stalled().Problem, err.Error()+". "+want)
	}
	c.Remedy = "Ask for another size."
	require.Contains(t, (&refusal{child: c, err: twice}).stalled().Problem, ". Ask for another size.")
}
