// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	coreac "k8s.io/client-go/applyconfigurations/core/v1"
)

// PodUser is who chooses the user that pods run as.
type PodUser string

const (
	// PodUserFixed runs pods as a fixed user.
	PodUserFixed PodUser = "Fixed"
	// PodUserPlatform sets no user and groups: the platform's admission sets them, as in OpenShift, and refuses other choices.
	PodUserPlatform PodUser = "Platform"
)

// PodDefaults are the operator's settings for all pods that it creates, in addition to spec.pod of their object.
type PodDefaults struct {
	// ImagePullSecrets are names of Secrets in the namespace of each object.
	ImagePullSecrets []string `json:"imagePullSecrets,omitempty"`
	// User is empty for Fixed.
	User PodUser `json:"user,omitempty"`
}

// inputs returns nil if no default is set. The order of names does not matter.
func (d PodDefaults) inputs() *PodDefaults {
	if d.User == PodUserFixed {
		d.User = ""
	}
	if len(d.ImagePullSecrets) == 0 && d.User == "" {
		return nil
	}
	d.ImagePullSecrets = slices.Sorted(slices.Values(d.ImagePullSecrets))
	return &d
}

// securityContext returns that of a pod. Without runAsUser, runAsNonRoot makes the kubelet refuse an image that would run as root.
func (d PodDefaults) securityContext() *coreac.PodSecurityContextApplyConfiguration {
	ac := coreac.PodSecurityContext().
		WithRunAsNonRoot(true).
		WithSeccompProfile(coreac.SeccompProfile().WithType(corev1.SeccompProfileTypeRuntimeDefault))
	if d.User == PodUserPlatform {
		return ac
	}
	return ac.
		WithRunAsUser(userID).
		WithRunAsGroup(userID).
		WithFSGroup(userID).
		WithFSGroupChangePolicy(corev1.FSGroupChangeOnRootMismatch)
}

// withPullSecrets adds names that are missing, because each must occur only once.
func withPullSecrets(spec *coreac.PodSpecApplyConfiguration, names ...string) {
	for _, name := range names {
		there := slices.ContainsFunc(spec.ImagePullSecrets, func(s coreac.LocalObjectReferenceApplyConfiguration) bool { return *s.Name == name })
		if !there {
			spec.WithImagePullSecrets(coreac.LocalObjectReference().WithName(name))
		}
	}
}
