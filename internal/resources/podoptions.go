// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
	coreac "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// podTemplate applies the user's options to a pod spec. The container gets its resources here.
func (p parent) podTemplate(options *v1alpha1.PodOptions, defaults sizes, spec *coreac.PodSpecApplyConfiguration,
	container *coreac.ContainerApplyConfiguration,
) *coreac.PodTemplateSpecApplyConfiguration {
	if options == nil {
		options = &v1alpha1.PodOptions{}
	}
	requirements := defaults.with(options.Resources)
	container.WithResources(coreac.ResourceRequirements().
		WithRequests(requirements.Requests).WithLimits(requirements.Limits))
	for _, env := range defaults.memoryEnv(requirements.Limits) {
		container.WithEnv(env)
	}
	spec.WithContainers(container)
	placement(spec, options)

	template := coreac.PodTemplateSpec().WithSpec(spec).WithLabels(p.podLabels(options.Labels))
	if len(options.Annotations) > 0 {
		template.WithAnnotations(maps.Clone(options.Annotations))
	}
	return template
}

func placement(spec *coreac.PodSpecApplyConfiguration, options *v1alpha1.PodOptions) {
	if len(options.NodeSelector) > 0 {
		spec.WithNodeSelector(maps.Clone(options.NodeSelector))
	}
	if options.PriorityClassName != "" {
		spec.WithPriorityClassName(options.PriorityClassName)
	}
	for _, ref := range options.ImagePullSecrets {
		withPullSecrets(spec, ref.Name)
	}
	for _, t := range options.Tolerations {
		spec.WithTolerations(toleration(t))
	}
}

func toleration(t v1alpha1.Toleration) *coreac.TolerationApplyConfiguration {
	ac := coreac.Toleration()
	if t.Key != "" {
		ac.WithKey(t.Key)
	}
	switch {
	case t.Operator != "":
		ac.WithOperator(corev1.TolerationOperator(t.Operator))
	case t.Key == "":
		// The core API accepts an empty key only with Exists; it means every taint.
		ac.WithOperator(corev1.TolerationOpExists)
	}
	if t.Value != "" {
		ac.WithValue(t.Value)
	}
	if t.Effect != "" {
		ac.WithEffect(corev1.TaintEffect(t.Effect))
	}
	if t.TolerationSeconds != nil {
		ac.WithTolerationSeconds(*t.TolerationSeconds)
	}
	return ac
}
