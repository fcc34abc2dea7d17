// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package children

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/flow"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

const (
	// conflictRetry is the interval of checks of a taken name, because foreign objects are not watched.
	conflictRetry = 30 * time.Second
	// leavingRetry is the interval of checks of an object of an earlier parent with the same name, until the garbage collector has deleted it.
	leavingRetry = 2 * time.Second
)

// mayTouch returns an error if a live object does not belong to the parent. known is the UID under which this process applied it before, if it did: a
// missing owner reference is then drift, and is restored.
func mayTouch(p Parent, c resources.Child, obj client.Object, known types.UID) error {
	if !obj.GetDeletionTimestamp().IsZero() {
		return leaving(c)
	}
	owner := metav1.GetControllerOf(obj)
	switch {
	case owner == nil:
		return mayTakeUp(p, c, obj, known)
	case owner.UID == p.Object.GetUID():
		return nil
	case owner.Kind == p.Kind && owner.Name == p.Object.GetName() && owner.APIVersion == v1alpha1.GroupVersion.String():
		return leaving(c)
	default:
		return conflict(c, fmt.Sprintf("%s %s controls it", owner.Kind, owner.Name))
	}
}

// mayTakeUp returns an error if an object without a controller must not be adopted by the parent.
func mayTakeUp(p Parent, c resources.Child, obj client.Object, known types.UID) error {
	adoptable := resources.Adoptable(p.Kind, p.Object.GetName(), obj)
	switch {
	case known != "" && obj.GetUID() == known:
		return nil
	case adoptable && c.GVK.Kind == "PersistentVolumeClaim":
		return nil
	case adoptable && c.GVK.Kind != "Secret":
		if who := writer(obj); who != "" {
			return conflict(c, "nobody controls it, and "+who+" has written to it")
		}
		return nil // left by a deletion with --cascade=orphan
	}
	return conflict(c, "nobody controls it")
}

// writer returns a field manager other than the operator that owns fields of an object outside its status, or a text that the operator owns none. It
// is empty if the operator created the whole object. Objects in the cache have no managed fields, so they never count as such.
func writer(obj client.Object) string {
	ours := false
	for _, f := range obj.GetManagedFields() {
		switch {
		case f.Subresource != "":
		case f.Manager == status.FieldManager:
			ours = true
		default:
			return f.Manager
		}
	}
	if !ours {
		return "somebody else"
	}
	return ""
}

func conflict(c resources.Child, whose string) error {
	return &flow.Stalled{
		Reason:  v1alpha1.ReasonNameConflict,
		Path:    "metadata.name",
		Problem: fmt.Sprintf("the object %s already exists, and %s. Delete it, or rename this object", c, whose),
		Retry:   conflictRetry,
	}
}

func leaving(c resources.Child) error {
	return &flow.Waiting{
		Reason:  v1alpha1.ReasonProgressing,
		Problem: fmt.Sprintf("Waiting for %s of a deleted object to be removed.", c),
		Retry:   leavingRetry,
	}
}
