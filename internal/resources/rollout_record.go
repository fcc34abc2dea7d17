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
	"github.com/journeyman-dev/journeyman/internal/podconfig"
)

// Annotations of Deployments and StatefulSets.
const (
	// RolloutAnnotation is the record of the inputs of the pods, as JSON, so that a later release can keep their template.
	RolloutAnnotation = "journeyman.dev/rollout"
	// RolloutMACAnnotation authenticates that record for this workload: see RecordKey. A record without it is ignored.
	RolloutMACAnnotation = "journeyman.dev/rollout-mac"
)

// RecordKey is a secret of the operator. Without it, anybody who can change the annotations of a Deployment could make the operator run their image,
// and report it as Ready. It is never empty in an operator.
type RecordKey []byte

// MAC returns the authentication code of a workload's record, in hexadecimal: HMAC-SHA-256 of the parent's kind, namespace and name and of the
// record, so that a record is not valid for another workload. No kind, namespace or name contains a "/".
func (k RecordKey) MAC(kind, namespace, name, record string) string {
	mac := hmac.New(sha256.New, k)
	mac.Write([]byte(kind + "/" + namespace + "/" + name + "/" + record))
	return hex.EncodeToString(mac.Sum(nil))
}

// TemplateRevision is increased if a release has to replace the pods of earlier ones: because they are not compatible with what it builds (such as
// another name of a Secret or a ConfigMap that they mount), or because they must not continue (a security issue in their template). Mere improvements
// of a template wait for the next change.
const TemplateRevision = 1

// record is what the pods of a workload were created from.
type record struct {
	// Inputs is a hash of templateInputs.
	Inputs string `json:"inputs"`
	// Versions that the image supports.
	Versions Versions `json:"versions"`
	// Template, with the image.
	Template *coreac.PodTemplateSpecApplyConfiguration `json:"template"`
}

// templateInputs are everything that a template depends on, except the image and the builder itself. Changes of anything else do not reach running
// pods; tests compare it with the templates.
type templateInputs struct {
	Revision int `json:"revision"`
	// Kind and Name of the parent.
	Kind string `json:"kind"`
	Name string `json:"name"`
	// Pod options of the user.
	Pod *v1alpha1.PodOptions `json:"pod,omitempty"`
	// Defaults of the operator; nil for none.
	Defaults *PodDefaults `json:"defaults,omitempty"`
	// Mounts are the mounted Secrets, each with its key if there is one.
	Mounts []mountedSecret `json:"mounts"`
	// Files are what the pods need to fetch documents, and Pulls is set if they do.
	Files []podconfig.FileRef `json:"files,omitempty"`
	Pulls bool                `json:"pulls,omitempty"`
	// Claim is the volume with the files that the pods read.
	Claim string `json:"claim,omitempty"`
	// Autoscaled pods request different resources.
	Autoscaled bool `json:"autoscaled,omitempty"`
}

type mountedSecret struct {
	Volume string `json:"volume"`
	Name   string `json:"name"`
	Key    string `json:"key,omitempty"`
	// ChallengeKey is a second key of the Secret, if there is one.
	ChallengeKey string `json:"challengeKey,omitempty"`
	// APIKey is the key with the secret of the sender's API, if it is used.
	APIKey string `json:"apiKey,omitempty"`
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

// recordOf returns the valid record of a live workload, or nil.
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
