// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources

import (
	"bytes"
	"encoding/json"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	autoscalingac "k8s.io/client-go/applyconfigurations/autoscaling/v2"
	policyac "k8s.io/client-go/applyconfigurations/policy/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// targetCPU is the target utilisation of an autoscaler, in percent of the request.
const targetCPU = 70

// scale is the effective number of ingestion pods.
type scale struct {
	minimum, maximum int32
}

func scaleOf(s *v1alpha1.Scaling) scale {
	effective := scale{minimum: 1}
	if s != nil && s.MinReplicas != nil {
		effective.minimum = *s.MinReplicas
	}
	effective.maximum = effective.minimum
	if s != nil && s.MaxReplicas != nil {
		effective.maximum = max(effective.minimum, *s.MaxReplicas)
	}
	return effective
}

func (s scale) automatic() bool { return s.maximum > s.minimum }

func (in TouchpointSourceInput) autoscaler(s scale) Child {
	p, name := in.parent(), IngestName(in.Source.Name)
	ac := autoscalingac.HorizontalPodAutoscaler(name, p.namespace).WithSpec(autoscalingac.HorizontalPodAutoscalerSpec().
		WithMinReplicas(s.minimum).
		WithMaxReplicas(s.maximum).
		WithScaleTargetRef(autoscalingac.CrossVersionObjectReference().
			WithAPIVersion(deploymentKind.GroupVersion().String()).
			WithKind(deploymentKind.Kind).
			WithName(name)).
		WithMetrics(autoscalingac.MetricSpec().
			WithType(autoscalingv2.ResourceMetricSourceType).
			WithResource(autoscalingac.ResourceMetricSource().
				WithName(corev1.ResourceCPU).
				WithTarget(autoscalingac.MetricTarget().
					WithType(autoscalingv2.UtilizationMetricType).
					WithAverageUtilization(targetCPU)))))
	ac.ObjectMetaApplyConfiguration = p.meta(name)
	return Child{Object: ac, GVK: autoscalerKind, Namespace: p.namespace, Name: name}
}

// disruptionBudget allows nodes to be drained one pod at a time, and does not protect pods that are unhealthy anyway.
func (in TouchpointSourceInput) disruptionBudget() Child {
	p, name := in.parent(), IngestName(in.Source.Name)
	ac := policyac.PodDisruptionBudget(name, p.namespace).WithSpec(policyac.PodDisruptionBudgetSpec().
		WithMaxUnavailable(intstr.FromInt32(1)).
		WithUnhealthyPodEvictionPolicy(policyv1.AlwaysAllow).
		WithSelector(labelSelector(p.selector())))
	ac.ObjectMetaApplyConfiguration = p.meta(name)
	return Child{Object: ac, GVK: disruptionKind, Namespace: p.namespace, Name: name}
}

// ReplicasToKeep returns TouchpointSourceInput.KeepReplicas. When an autoscaler is switched on, the operator still owns the number of replicas.
// Dropping the field at once would reset it to the default, one pod, until the autoscaler acts. The live number is therefore kept as long as the
// operator owns the field; the autoscaler takes it over by changing it. It needs the live object with its managed fields; for nil it returns nil.
func ReplicasToKeep(live *appsv1.Deployment) *int32 {
	if live == nil || live.Spec.Replicas == nil {
		return nil
	}
	for _, entry := range live.ManagedFields {
		if entry.Manager != Manager || entry.Subresource != "" || entry.FieldsV1 == nil {
			continue
		}
		var fields struct {
			Spec struct {
				Replicas json.RawMessage `json:"f:replicas"`
			} `json:"f:spec"`
		}
		raw := entry.FieldsV1.GetRawBytes()
		if json.NewDecoder(bytes.NewReader(raw)).Decode(&fields) == nil && fields.Spec.Replicas != nil {
			return new(*live.Spec.Replicas)
		}
	}
	return nil
}
