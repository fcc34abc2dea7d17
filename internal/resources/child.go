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
	// Object to apply.
	Object runtime.ApplyConfiguration
	// GVK, Namespace and Name of the object.
	GVK             schema.GroupVersionKind
	Namespace, Name string
	// Path of the field of the parent that the object follows from, and Remedy, a sentence that says what can be done when the API server
	// refuses the object for good; empty where there is nothing particular to say.
	Path, Remedy string
	// CreateOnly objects, Secrets and Jobs, are created once and never changed; that one exists already is fine.
	CreateOnly bool
	// Retained objects have no owner reference: they outlive their parent, and are adopted by name and label
	// (see Adoptable).
	Retained bool
}

// RunsPods reports whether pods are made from the child, and Prepares that pods need it: they are not created again before it is as it should be.
func (c Child) RunsPods() bool {
	return c.GVK == statefulSetKind || c.GVK == deploymentKind || c.GVK == cronJobKind || c.GVK == jobKind
}

// Prepares reports whether pods need the child; see RunsPods. A claim that cannot grow is not among these: the pods have its volume all the same.
func (c Child) Prepares() bool {
	return c.GVK == configMapKind || c.GVK == secretKind || c.GVK == serviceAccountKind || c.GVK == roleKind || c.GVK == roleBindingKind
}

// Lists reports whether the child has lists whose entries others may change so that ours do not fit next to them: ports, containers, volumes.
func (c Child) Lists() bool { return c.GVK == serviceKind || c.RunsPods() }

// Scheduled reports whether the child starts runs by the clock.
func (c Child) Scheduled() bool { return c.GVK == cronJobKind }

// Unstructured returns the object in the form that a client's Create takes.
func (c Child) Unstructured() (*unstructured.Unstructured, error) {
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(c.Object)
	if err != nil {
		return nil, fmt.Errorf("convert %s: %w", c, err)
	}
	return &unstructured.Unstructured{Object: fields}, nil
}

// String names the child for messages: "Deployment shop/tills-ingest".
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

// Prunable lists the kinds of objects that are deleted when they are owned by a parent of the named kind and not among
// its children any more: network policies when the operator makes none, and autoscaler and disruption budget when scaling stops to ask for
// them. First runs of maps and reports are not among these: see PrunableRuns. Other kinds are always among the children.
func Prunable(parentKind string) []schema.GroupVersionKind {
	if parentKind == v1alpha1.TouchpointSourceKind {
		return []schema.GroupVersionKind{networkPolicyKind, autoscalerKind, disruptionKind}
	}
	return []schema.GroupVersionKind{networkPolicyKind}
}

// PrunableRuns is the kind of first runs: those of older generations are deleted when there is a newer one.
func PrunableRuns() []schema.GroupVersionKind { return []schema.GroupVersionKind{jobKind} }
