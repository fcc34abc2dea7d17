// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TemplateHashAnnotation stands on Deployments and StatefulSets: a hash of their pod template without the image. It tells a
// newer operator whether the template would change but for the image.
const TemplateHashAnnotation = "journeyman.dev/template-hash"

// RolloutMode says when pods get the operator's own image.
type RolloutMode string

const (
	// RolloutOnChange leaves running pods alone until their template changes for another reason.
	RolloutOnChange RolloutMode = "OnChange"
	// RolloutAlways gives them the operator's image at once.
	RolloutAlways RolloutMode = "Always"
)

// LiveTemplate is what ChooseImage needs to know of a workload that runs. The zero value is none.
type LiveTemplate struct {
	// Image of the main container.
	Image string
	// Hash as found in TemplateHashAnnotation.
	Hash string
}

// LiveTemplateOf reads a Deployment or StatefulSet; nil gives none.
func LiveTemplateOf(workload metav1.Object) LiveTemplate {
	var containers []corev1.Container
	switch w := workload.(type) {
	case *appsv1.Deployment:
		if w != nil {
			containers = w.Spec.Template.Spec.Containers
		}
	case *appsv1.StatefulSet:
		if w != nil {
			containers = w.Spec.Template.Spec.Containers
		}
	}
	if len(containers) == 0 {
		return LiveTemplate{}
	}
	return LiveTemplate{Image: containers[0].Image, Hash: workload.GetAnnotations()[TemplateHashAnnotation]}
}

// ImageChoice is what pods run, and what waits for them.
type ImageChoice struct {
	// Image to build the children with.
	Image string
	// UpdateAvailable is the operator's image, if the pods do not run it yet; else empty.
	UpdateAvailable string
}

// WorkloadInput is an EventStoreInput or a TouchpointSourceInput.
type WorkloadInput interface {
	templateHash() (string, error)
}

// ChooseImage decides which image a workload's pods get. An upgrade of the operator alone restarts nothing: the live image
// stays as long as the template is otherwise the same, unless the mode says Always. The input's Image does not matter.
func ChooseImage(in WorkloadInput, live LiveTemplate, operatorImage string, mode RolloutMode) (ImageChoice, error) {
	desired, err := in.templateHash()
	if err != nil {
		return ImageChoice{}, err
	}
	if live.Image == "" || live.Image == operatorImage || live.Hash != desired || mode == RolloutAlways {
		return ImageChoice{Image: operatorImage}, nil
	}
	return ImageChoice{Image: live.Image, UpdateAvailable: operatorImage}, nil
}

// hashOf gives 16 hex digits of the JSON form of a template. Apply configurations are structs, and
// maps are written in the order of their keys, so equal templates have equal hashes.
func hashOf(template any) (string, error) {
	b, err := json.Marshal(template)
	if err != nil {
		return "", fmt.Errorf("hash of a pod template: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8]), nil
}
