// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package children

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

// created marks a record of a child that is created once.
const created = "created"

// create creates a child that is never changed. The child can already exist: Secrets cannot be read, but their names end in a hash of the parent's
// UID; other kinds are checked.
func (a *Applier) create(ctx context.Context, p Parent, c resources.Child) error {
	k := keyOf(c)
	watched := a.watched[c.GVK.GroupKind()]
	if rec, ok := a.records.get(k); ok && !watched && a.clock.Since(rec.checked) < again {
		return nil
	}
	if watched {
		if there, err := a.there(ctx, p, c, a.client); there || err != nil {
			return err
		}
	}
	u, err := c.Unstructured()
	if err != nil {
		return err
	}
	err = a.client.Create(ctx, u, client.FieldOwner(status.FieldManager))
	if apierrors.IsAlreadyExists(err) {
		err = nil
		if watched {
			_, err = a.there(ctx, p, c, a.live)
		}
	}
	if err != nil {
		return refused(c, err)
	}
	if !watched {
		a.records.put(k, record{
			kind: p.Kind, parent: client.ObjectKeyFromObject(p.Object), owner: p.Object.GetUID(),
			desired: created, checked: a.clock.Now(),
		})
	}
	return nil
}

// there reports whether the child exists and belongs to the parent.
func (a *Applier) there(ctx context.Context, p Parent, c resources.Child, from client.Reader) (bool, error) {
	obj, err := a.empty(c.GVK)
	if err != nil {
		return false, err
	}
	err = from.Get(ctx, client.ObjectKey{Namespace: c.Namespace, Name: c.Name}, obj)
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, mayTouch(p, c, obj, "")
}
