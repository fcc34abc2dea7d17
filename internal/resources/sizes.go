// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	coreac "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// sizes are the default resources of a program. There is no CPU limit: a throttled pod acknowledges late, and idle cores help nobody.
type sizes struct {
	cpu, memory, memoryLimit string
	// goPercent is the share of the memory limit for Go (GOMEMLIMIT). The rest is for memory that Go does not manage.
	goPercent int64
}

var (
	// storeSizes set the whole memory for the store, which divides it itself.
	storeSizes  = sizes{cpu: "100m", memory: "256Mi", memoryLimit: "2Gi", goPercent: 100}
	ingestSizes = sizes{cpu: "50m", memory: "64Mi", memoryLimit: "512Mi", goPercent: 85}
	// scaledIngestSizes request enough CPU that 70 % of it is real load, and not the noise of an idle pod.
	scaledIngestSizes = sizes{cpu: "250m", memory: "64Mi", memoryLimit: "512Mi", goPercent: 85}
	analysisSizes     = sizes{cpu: "50m", memory: "64Mi", memoryLimit: "1Gi", goPercent: 85}
)

// with overrides the defaults with the user's values, one by one. A default that contradicts a value of the user is adjusted: a request is lowered to
// the user's limit, and a limit is raised to the user's request.
func (s sizes) with(user *v1alpha1.PodResources) corev1.ResourceRequirements {
	if user == nil {
		user = &v1alpha1.PodResources{}
	}
	requests := corev1.ResourceList{
		corev1.ResourceCPU:    resource.MustParse(s.cpu),
		corev1.ResourceMemory: resource.MustParse(s.memory),
	}
	limits := corev1.ResourceList{corev1.ResourceMemory: resource.MustParse(s.memoryLimit)}
	for name, limit := range user.Limits {
		limits[corev1.ResourceName(name)] = limit
		if request, ok := requests[corev1.ResourceName(name)]; ok && request.Cmp(limit) > 0 {
			requests[corev1.ResourceName(name)] = limit
		}
	}
	for name, request := range user.Requests {
		requests[corev1.ResourceName(name)] = request
		_, users := user.Limits[name]
		if limit, ok := limits[corev1.ResourceName(name)]; ok && !users && limit.Cmp(request) < 0 {
			limits[corev1.ResourceName(name)] = request
		}
	}
	return corev1.ResourceRequirements{Requests: requests, Limits: limits}
}

// memoryEnv sets the program's share of the limit.
func (s sizes) memoryEnv(limits corev1.ResourceList) []*coreac.EnvVarApplyConfiguration {
	limit, ok := limits[corev1.ResourceMemory]
	if !ok {
		return nil
	}
	mebibytes := max(1, limit.Value()*s.goPercent/100>>20)
	return []*coreac.EnvVarApplyConfiguration{
		coreac.EnvVar().WithName("GOMEMLIMIT").WithValue(fmt.Sprintf("%dMiB", mebibytes)),
	}
}
