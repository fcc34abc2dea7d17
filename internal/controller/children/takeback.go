// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package children

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/util/csaupgrade"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

// send applies a child. A manual change can conflict: list entries are identified by a key, so a port with a changed number is a different entry with
// the same name. In that case, the lists of the child are replaced as a whole.
func (a *Applier) send(ctx context.Context, c resources.Child, uid types.UID) (client.Object, error) {
	obj, err := a.offer(ctx, c, uid)
	if uid == "" || !c.Lists() || !contradicts(err) {
		return obj, err
	}
	// A concurrent write of the status only conflicts with the second patch.
	if retry.RetryOnConflict(retry.DefaultRetry, func() error { return a.takeBack(ctx, c, uid) }) != nil {
		return nil, err // the first refusal is more helpful
	}
	return a.offer(ctx, c, uid)
}

func (a *Applier) offer(ctx context.Context, c resources.Child, uid types.UID) (client.Object, error) {
	u, err := c.Unstructured()
	if err != nil {
		return nil, err
	}
	u.SetUID(uid)
	err = a.client.Apply(ctx, client.ApplyConfigurationFromUnstructured(u), client.FieldOwner(status.FieldManager), client.ForceOwnership)
	return u, err
}

// takeBack replaces the existing lists with those of the operator's spec. They then count as applied, so that a later apply removes what they no
// longer contain.
func (a *Applier) takeBack(ctx context.Context, c resources.Child, uid types.UID) error {
	obj, err := a.empty(c.GVK)
	if err != nil {
		return err
	}
	obj.SetNamespace(c.Namespace)
	obj.SetName(c.Name)
	u, err := c.Unstructured()
	if err != nil {
		return err
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"uid": uid}, "spec": u.Object["spec"]})
	if err != nil {
		return fmt.Errorf("patch of %s: %w", c, err)
	}
	if err := a.client.Patch(ctx, obj, client.RawPatch(types.MergePatchType, patch), client.FieldOwner(status.FieldManager)); err != nil {
		return fmt.Errorf("take back %s: %w", c, err)
	}
	patch, err = csaupgrade.UpgradeManagedFieldsPatch(obj, sets.New(status.FieldManager), status.FieldManager)
	if err != nil || patch == nil {
		return err
	}
	if err := a.client.Patch(ctx, obj, client.RawPatch(types.JSONPatchType, patch), client.FieldOwner(status.FieldManager)); err != nil {
		return fmt.Errorf("take back the fields of %s: %w", c, err)
	}
	return nil
}

// contradicts reports whether the API server refused specific fields. A quota or policy names no fields.
func contradicts(err error) bool {
	var is apierrors.APIStatus
	if !apierrors.IsInvalid(err) || !errors.As(err, &is) || is.Status().Details == nil {
		return false
	}
	for _, cause := range is.Status().Details.Causes {
		if cause.Field != "" {
			return true
		}
	}
	return false
}
