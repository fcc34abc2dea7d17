// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package children

import (
	"context"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

// adopted reports whether an object that an earlier process applied already has its desired state, and records it. It uses a dry run of the apply,
// because a real one can have effects: a volume claim gets a new version even if nothing changes, and a restart of the operator should change nothing
// at all.
func (a *Applier) adopted(ctx context.Context, p Parent, c resources.Child, live client.Object, desired string) (bool, error) {
	u, err := c.Unstructured()
	if err != nil {
		return false, err
	}
	u.SetUID(live.GetUID())
	err = a.client.Apply(ctx, client.ApplyConfigurationFromUnstructured(u), client.FieldOwner(status.FieldManager), client.ForceOwnership, client.DryRunAll)
	if c.Lists() && contradicts(err) {
		return false, nil // Changes by others have to be reverted.
	}
	if err != nil {
		return false, refused(c, err)
	}
	// The response is converted to the type of the live object, so that both are encoded in the same way.
	then, err := a.typed(u, c.GVK)
	if err != nil {
		return false, err
	}
	is, err := contentOf(live)
	if err != nil {
		return false, err
	}
	would, err := contentOf(then)
	if err != nil || is != would || !slices.Equal(fieldsOf(live), fieldsOf(then)) {
		return false, err
	}
	a.records.put(keyOf(c), record{
		kind: p.Kind, parent: client.ObjectKeyFromObject(p.Object), owner: p.Object.GetUID(), uid: live.GetUID(),
		desired: desired, version: live.GetResourceVersion(), content: is, checked: a.clock.Now(),
	})
	return true, nil
}

// fieldsOf returns the fields of an object that the operator owns.
func fieldsOf(obj client.Object) []byte {
	for _, entry := range obj.GetManagedFields() {
		if entry.Manager == status.FieldManager && entry.Operation == metav1.ManagedFieldsOperationApply && entry.Subresource == "" && entry.FieldsV1 != nil {
			return entry.FieldsV1.GetRawBytes()
		}
	}
	return nil
}
