// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// FieldManager is the name under which the operator writes objects and status.
const FieldManager = "journeyman-operator"

// Write applies the part of a status that the operator owns. Fields of the analysis job are not in the part, so server-side apply does not touch
// them. The apply contains the object's UID, so that an object that was deleted and recreated under the same name is not written by mistake: the API
// server returns a conflict. Write returns the new resourceVersion.
func Write(ctx context.Context, c client.Client, gvk schema.GroupVersionKind, obj client.Object, part map[string]any) (string, error) {
	u := &unstructured.Unstructured{Object: map[string]any{
		"metadata": map[string]any{"namespace": obj.GetNamespace(), "name": obj.GetName(), "uid": string(obj.GetUID())},
		"status":   part,
	}}
	u.SetGroupVersionKind(gvk)
	err := c.Status().Apply(ctx, client.ApplyConfigurationFromUnstructured(u), client.FieldOwner(FieldManager), client.ForceOwnership)
	if err != nil {
		return "", fmt.Errorf("write status: %w", err)
	}
	return u.GetResourceVersion(), nil
}

// Part returns the part of the status that JourneyMaps and MetricReports share: conditions and observedGeneration.
func Part(conditions []metav1.Condition, observedGeneration int64) (map[string]any, error) {
	list := make([]any, 0, len(conditions))
	for i := range conditions {
		m, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&conditions[i])
		if err != nil {
			return nil, fmt.Errorf("convert condition %s: %w", conditions[i].Type, err)
		}
		list = append(list, m)
	}
	return map[string]any{"conditions": list, "observedGeneration": observedGeneration}, nil
}
