// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	coreac "k8s.io/client-go/applyconfigurations/core/v1"
)

// RolloutMode is when running pods get the operator's image.
type RolloutMode string

const (
	// RolloutOnChange keeps the image of running pods until one of their inputs changes.
	RolloutOnChange RolloutMode = "OnChange"
	// RolloutAlways gives them the operator's image at once.
	RolloutAlways RolloutMode = "Always"
)

// Versions lists the protocol and document versions that the programs of a release support.
type Versions struct {
	// Store is the latest version of the store protocol.
	Store int `json:"store"`
	// Documents is the version of the documents in ConfigMaps.
	Documents int `json:"documents"`
}

// Release describes an operator, as far as the pods of the data plane are concerned.
type Release struct {
	// Image for pods.
	Image string
	// Versions that the image supports. OldestStore is the oldest store protocol that it still supports.
	Versions    Versions
	OldestStore int
	// Mode says when running pods get the image.
	Mode RolloutMode
	// RecordKey authenticates the operator's own records of pod templates.
	RecordKey RecordKey
}

// understands reports whether pods of another release are compatible with this one: this release has to support their store protocol, and the version
// of their documents has to be exactly the one that it writes.
func (r Release) understands(pods Versions) bool {
	return pods.Store >= r.OldestStore && pods.Documents == r.Versions.Documents
}

// Rollout is the image and template of a workload's pods, as decided by ChooseRollout.
type Rollout struct {
	// Image of the pods.
	Image string
	// UpdateAvailable is the operator's image if the pods do not get it yet, or empty.
	UpdateAvailable string
	// Versions that the image supports.
	Versions Versions
	// RecordKey authenticates the record of the workload.
	RecordKey RecordKey
	// kept is the recorded template of the running pods, which stays unchanged; nil to build a new one.
	kept *record
}

// WorkloadInput is an EventStoreInput or a TouchpointSourceInput.
type WorkloadInput interface {
	parent() parent
	// inputs returns everything that the template depends on, except the image and the builder itself.
	inputs() templateInputs
	// reported returns the image that the operator last wrote to the status, or an empty text.
	reported() string
	template(image string) *coreac.PodTemplateSpecApplyConfiguration
}

// ChooseRollout decides on the image and template of a workload's pods. An upgrade of the operator alone restarts nothing, even if it would build a
// different template: image and template of the release that created the pods are kept together, until their inputs change, this release no longer
// supports them, or the mode is Always. workload is the live one, or nil; the Rollout of the input is ignored.
func ChooseRollout(in WorkloadInput, workload metav1.Object, release Release) (Rollout, error) {
	hash, err := in.inputs().hash()
	if err != nil {
		return Rollout{}, err
	}
	live := recordOf(workload, release.RecordKey, in.parent())
	if live != nil && in.reported() != "" && in.reported() != live.image() {
		live = nil // Replayed from an earlier version: whoever can change the annotations of a workload has seen all earlier ones.
	}
	if live == nil || live.Inputs != hash || live.image() == release.Image || release.Mode == RolloutAlways || !release.understands(live.Versions) {
		return Rollout{Image: release.Image, Versions: release.Versions, RecordKey: release.RecordKey}, nil
	}
	return Rollout{Image: live.image(), UpdateAvailable: release.Image, Versions: live.Versions, RecordKey: release.RecordKey, kept: live}, nil
}

// podTemplateOf returns the pod template and the annotations of the workload.
func podTemplateOf(in WorkloadInput, r Rollout) (*coreac.PodTemplateSpecApplyConfiguration, map[string]string, error) {
	rec := r.kept
	if rec == nil {
		hash, err := in.inputs().hash()
		if err != nil {
			return nil, nil, err
		}
		rec = &record{Inputs: hash, Versions: r.Versions, Template: in.template(r.Image)}
	}
	annotations, err := rec.annotations(r.RecordKey, in.parent())
	return rec.Template, annotations, err
}
