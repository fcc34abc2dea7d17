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

// adopted says that an object that an earlier process applied is as desired already, and records it. It asks the API server for a rehearsal
// of the apply, because the real one is not always free: a volume claim gets a new version even when nothing of it changes, and a
// restart of the operator should change nothing at all.
func (a *Applier) adopted(ctx context.Context, p Parent, c resources.Child, live client.Object, desired string) (bool, error) {
	u, err := c.Unstructured()
	if err != nil {
		return false, err
	}
	u.SetUID(live.GetUID())
	err = a.client.Apply(ctx, client.ApplyConfigurationFromUnstructured(u), client.FieldOwner(status.FieldManager), client.ForceOwnership, client.DryRunAll)
	if c.Lists() && contradicts(err) {
		return false, nil // what somebody changed has to be taken back
	}
	if err != nil {
		return false, refused(c, err)
	}
	// The answer goes through the type of the live object, so that both are written in the same form.
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

// fieldsOf returns what the operator owns of an object.
func fieldsOf(obj client.Object) []byte {
	for _, entry := range obj.GetManagedFields() {
		if entry.Manager == status.FieldManager && entry.Operation == metav1.ManagedFieldsOperationApply && entry.Subresource == "" && entry.FieldsV1 != nil {
			return entry.FieldsV1.GetRawBytes()
		}
	}
	return nil
}
