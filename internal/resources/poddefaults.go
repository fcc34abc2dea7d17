// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	coreac "k8s.io/client-go/applyconfigurations/core/v1"
)

// PodUser says who chooses the user that pods run as.
type PodUser string

const (
	// PodUserFixed runs them as a user of their own.
	PodUserFixed PodUser = "Fixed"
	// PodUserPlatform leaves user and groups out: the platform's admission sets them, as OpenShift does, and refuses what others chose.
	PodUserPlatform PodUser = "Platform"
)

// PodDefaults are what the operator gives to all pods that it makes, in addition to what spec.pod of their object says.
type PodDefaults struct {
	// ImagePullSecrets are names of Secrets in the namespace of each object.
	ImagePullSecrets []string `json:"imagePullSecrets,omitempty"`
	// User is empty for Fixed.
	User PodUser `json:"user,omitempty"`
}

// inputs is nil if no default is set. The order of names does not matter.
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

// securityContext of a pod. Without runAsUser, runAsNonRoot makes the kubelet refuse an image that would run as root.
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

// withPullSecrets adds the names that are not there yet: each may be there once.
func withPullSecrets(spec *coreac.PodSpecApplyConfiguration, names ...string) {
	for _, name := range names {
		there := slices.ContainsFunc(spec.ImagePullSecrets, func(s coreac.LocalObjectReferenceApplyConfiguration) bool { return *s.Name == name })
		if !there {
			spec.WithImagePullSecrets(coreac.LocalObjectReference().WithName(name))
		}
	}
}
