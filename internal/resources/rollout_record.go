// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	coreac "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// Annotations of Deployments and StatefulSets.
const (
	// RolloutAnnotation is the record of what the pods were made from, as JSON, so that a later release can keep it.
	RolloutAnnotation = "journeyman.dev/rollout"
	// RolloutHashAnnotation is a hash of that record: one that was changed by hand does not count.
	RolloutHashAnnotation = "journeyman.dev/rollout-hash"
)

// TemplateRevision is raised when a release has to replace the pods of earlier ones: because they could not go on beside what it builds
// (another name of a Secret or a ConfigMap that they mount), or because they must not (a hole in their security context). A template
// that is only better waits for the next change.
const TemplateRevision = 1

// record is what the pods of a workload were made from.
type record struct {
	// Inputs is a hash of templateInputs.
	Inputs string `json:"inputs"`
	// Speaks is what the image understands.
	Speaks Speaks `json:"speaks"`
	// Template, with the image.
	Template *coreac.PodTemplateSpecApplyConfiguration `json:"template"`
}

// templateInputs are what a template depends on but the image and the builder's own words. What is not here does not reach pods that
// run; tests compare it with the templates.
type templateInputs struct {
	Revision int `json:"revision"`
	// Kind and Name of the parent.
	Kind string `json:"kind"`
	Name string `json:"name"`
	// Pod options of the user.
	Pod *v1alpha1.PodOptions `json:"pod,omitempty"`
	// Mounts are the Secrets that are mounted, each with its key where there is one.
	Mounts []mountedSecret `json:"mounts"`
	// Autoscaled pods ask for other resources.
	Autoscaled bool `json:"autoscaled,omitempty"`
}

type mountedSecret struct {
	Volume string `json:"volume"`
	Name   string `json:"name"`
	Key    string `json:"key,omitempty"`
}

func (i templateInputs) hash() (string, error) {
	i.Revision = TemplateRevision
	if i.Pod != nil && reflect.ValueOf(*i.Pod).IsZero() {
		i.Pod = nil
	}
	b, err := json.Marshal(i)
	return hashOf(b), err
}

// image of the pods.
func (r *record) image() string {
	if r.Template == nil || r.Template.Spec == nil || len(r.Template.Spec.Containers) == 0 || r.Template.Spec.Containers[0].Image == nil {
		return ""
	}
	return *r.Template.Spec.Containers[0].Image
}

func (r *record) annotations() (map[string]string, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("record of a pod template: %w", err)
	}
	return map[string]string{RolloutAnnotation: string(b), RolloutHashAnnotation: hashOf(b)}, nil
}

// recordOf reads the record of a live workload; nil when there is none that counts.
func recordOf(workload metav1.Object) *record {
	if workload == nil || reflect.ValueOf(workload).IsNil() {
		return nil
	}
	text := workload.GetAnnotations()[RolloutAnnotation]
	if text == "" || workload.GetAnnotations()[RolloutHashAnnotation] != hashOf([]byte(text)) {
		return nil
	}
	r := &record{}
	if json.Unmarshal([]byte(text), r) != nil || r.image() == "" {
		return nil
	}
	return r
}

// hashOf gives 16 hex digits.
func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}
