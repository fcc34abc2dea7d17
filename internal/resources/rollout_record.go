// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
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
	// RolloutMACAnnotation proves that the operator wrote that record for this workload: see RecordKey. A record without it counts for nothing.
	RolloutMACAnnotation = "journeyman.dev/rollout-mac"
)

// RecordKey is a secret of the operator. Without it, whoever may change the annotations of a Deployment could make the operator run an
// image of theirs, and call it Ready. It is never empty in an operator.
type RecordKey []byte

// MAC of the record of a workload, in hexadecimal: HMAC-SHA-256 of the parent's kind, namespace and name and of the record, so that the
// record of one workload proves nothing in another. No kind, namespace or name has a "/".
func (k RecordKey) MAC(kind, namespace, name, record string) string {
	mac := hmac.New(sha256.New, k)
	mac.Write([]byte(kind + "/" + namespace + "/" + name + "/" + record))
	return hex.EncodeToString(mac.Sum(nil))
}

// TemplateRevision is raised when a release has to replace the pods of earlier ones: because they could not continue in addition to what it builds
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
	// Defaults of the operator; nil for none.
	Defaults *PodDefaults `json:"defaults,omitempty"`
	// Mounts are the Secrets that are mounted, each with its key if there is one.
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

func (r *record) annotations(key RecordKey, p parent) (map[string]string, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("record of a pod template: %w", err)
	}
	if len(key) == 0 {
		return nil, errors.New("record of a pod template: there is no key to sign it with")
	}
	return map[string]string{RolloutAnnotation: string(b), RolloutMACAnnotation: key.MAC(p.kind, p.namespace, p.name, string(b))}, nil
}

// recordOf reads the record of a live workload; nil if there is not one that counts.
func recordOf(workload metav1.Object, key RecordKey, p parent) *record {
	if len(key) == 0 || workload == nil || reflect.ValueOf(workload).IsNil() {
		return nil
	}
	text := workload.GetAnnotations()[RolloutAnnotation]
	mac := workload.GetAnnotations()[RolloutMACAnnotation]
	if text == "" || !hmac.Equal([]byte(mac), []byte(key.MAC(p.kind, p.namespace, p.name, text))) {
		return nil
	}
	r := &record{}
	if json.Unmarshal([]byte(text), r) != nil || r.image() == "" {
		return nil
	}
	return r
}

// hashOf returns 16 hex digits.
func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}
