// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// Child is one desired object of a parent.
type Child struct {
	// Object to apply
	Object runtime.ApplyConfiguration
	// GVK, Namespace and Name of the object.
	GVK             schema.GroupVersionKind
	Namespace, Name string
	// Path is the field of the parent from which the object follows. Remedy is a sentence about what to do if the API server refuses the object
	// permanently; empty if there is nothing specific.
	Path, Remedy string
	// CreateOnly is set for objects that are created once and never changed: Secrets and Jobs. They can already exist.
	CreateOnly bool
	// Retained is set for objects without an owner reference: they outlive their parent, and are adopted by name and label (see Adoptable).
	Retained bool
}

// RunsPods reports whether pods are created from the child. They are not recreated before the children that Prepares reports are up to date.
func (c Child) RunsPods() bool {
	return c.GVK == statefulSetKind || c.GVK == deploymentKind || c.GVK == cronJobKind || c.GVK == jobKind
}

// Prepares reports whether pods need the child; see RunsPods. A claim that cannot grow does not count, because pods can use its volume anyway.
func (c Child) Prepares() bool {
	return c.GVK == configMapKind || c.GVK == secretKind || c.GVK == serviceAccountKind || c.GVK == roleKind || c.GVK == roleBindingKind
}

// Lists reports whether the child has lists whose entries others can change so that they conflict with those of the operator: ports, containers, volumes.
func (c Child) Lists() bool { return c.GVK == serviceKind || c.RunsPods() }

// Scheduled reports whether the child starts runs by time.
func (c Child) Scheduled() bool { return c.GVK == cronJobKind }

// Unstructured returns the object in the form for a client's Create.
func (c Child) Unstructured() (*unstructured.Unstructured, error) {
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(c.Object)
	if err != nil {
		return nil, fmt.Errorf("convert %s: %w", c, err)
	}
	return &unstructured.Unstructured{Object: fields}, nil
}

// String returns the child for messages: "Deployment shop/tills-ingest".
func (c Child) String() string { return c.GVK.Kind + " " + c.Namespace + "/" + c.Name }

// Kinds of the children.
var (
	statefulSetKind    = schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "StatefulSet"}
	deploymentKind     = schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "Deployment"}
	cronJobKind        = schema.GroupVersionKind{Group: "batch", Version: "v1", Kind: "CronJob"}
	jobKind            = schema.GroupVersionKind{Group: "batch", Version: "v1", Kind: "Job"}
	serviceKind        = schema.GroupVersionKind{Version: "v1", Kind: "Service"}
	configMapKind      = schema.GroupVersionKind{Version: "v1", Kind: "ConfigMap"}
	secretKind         = schema.GroupVersionKind{Version: "v1", Kind: "Secret"}
	claimKind          = schema.GroupVersionKind{Version: "v1", Kind: "PersistentVolumeClaim"}
	serviceAccountKind = schema.GroupVersionKind{Version: "v1", Kind: "ServiceAccount"}
	roleKind           = schema.GroupVersionKind{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "Role"}
	roleBindingKind    = schema.GroupVersionKind{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "RoleBinding"}
	autoscalerKind     = schema.GroupVersionKind{Group: "autoscaling", Version: "v2", Kind: "HorizontalPodAutoscaler"}
	networkPolicyKind  = schema.GroupVersionKind{Group: "networking.k8s.io", Version: "v1", Kind: "NetworkPolicy"}
	disruptionKind     = schema.GroupVersionKind{Group: "policy", Version: "v1", Kind: "PodDisruptionBudget"}
)

// Prunable returns the kinds of objects to delete if they are owned by a parent of that kind and are no longer among its children: network policies
// if the operator creates none, autoscaler and disruption budget if scaling no longer requires them, and the Service if the source now fetches. First
// runs of maps and reports are not among these: see PrunableRuns. Other kinds are always among the children.
func Prunable(parentKind string) []schema.GroupVersionKind {
	if parentKind == v1alpha1.TouchpointSourceKind {
		return []schema.GroupVersionKind{serviceKind, networkPolicyKind, autoscalerKind, disruptionKind}
	}
	return []schema.GroupVersionKind{networkPolicyKind}
}

// PrunableRuns is the kind of first runs. Those of older generations are deleted when there is a newer one.
func PrunableRuns() []schema.GroupVersionKind { return []schema.GroupVersionKind{jobKind} }
