// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	coreac "k8s.io/client-go/applyconfigurations/core/v1"
)

// RolloutMode says when pods get the operator's own image.
type RolloutMode string

const (
	// RolloutOnChange leaves running pods alone until something that they are made from changes.
	RolloutOnChange RolloutMode = "OnChange"
	// RolloutAlways gives them the operator's image at once.
	RolloutAlways RolloutMode = "Always"
)

// Speaks says what the programs of a release understand of each other.
type Speaks struct {
	// Store is the newest version of the store protocol.
	Store int `json:"store"`
	// Documents is the version of the documents in ConfigMaps.
	Documents int `json:"documents"`
}

// Release is an operator, as far as the pods of the data plane are concerned.
type Release struct {
	// Image that it gives to pods.
	Image string
	// Speaks is what that image understands. OldestStore is the oldest store protocol that it still understands.
	Speaks      Speaks
	OldestStore int
	// Mode says when running pods get the image.
	Mode RolloutMode
	// RecordKey tells the operator's own records of pod templates from others.
	RecordKey RecordKey
}

// understands reports whether pods of another release can continue next to this one's: the store protocol may be one that this release
// still speaks, and the documents have to be of the very version that it writes.
func (r Release) understands(pods Speaks) bool {
	return pods.Store >= r.OldestStore && pods.Documents == r.Speaks.Documents
}

// Rollout is what the pods of a workload are made from. ChooseRollout makes it.
type Rollout struct {
	// Image of the pods.
	Image string
	// UpdateAvailable is the operator's image, if the pods do not get it yet; else empty.
	UpdateAvailable string
	// Speaks is what the image understands.
	Speaks Speaks
	// RecordKey proves the record that goes with the workload.
	RecordKey RecordKey
	// kept is the recorded template of the running pods, which stays unchanged; nil to build a new one.
	kept *record
}

// WorkloadInput is an EventStoreInput or a TouchpointSourceInput.
type WorkloadInput interface {
	parent() parent
	// inputs are everything that the template depends on but the image and the builder's own words.
	inputs() templateInputs
	// reported is the image that the status names, which the operator wrote last; empty for none yet.
	reported() string
	template(image string) *coreac.PodTemplateSpecApplyConfiguration
}

// ChooseRollout decides what a workload's pods are made from. An upgrade of the operator alone restarts nothing, even when it would build the
// template in other words: image and template of the release that made the pods are kept together, until what they are made from
// changes, this release does not understand them any more, or the mode says Always. workload is the live one, nil for none; the
// input's Rollout does not matter.
func ChooseRollout(in WorkloadInput, workload metav1.Object, release Release) (Rollout, error) {
	hash, err := in.inputs().hash()
	if err != nil {
		return Rollout{}, err
	}
	live := recordOf(workload, release.RecordKey, in.parent())
	if live != nil && in.reported() != "" && in.reported() != live.image() {
		live = nil // Put back from earlier: whoever may change a workload's annotations has seen all that were there.
	}
	if live == nil || live.Inputs != hash || live.image() == release.Image || release.Mode == RolloutAlways || !release.understands(live.Speaks) {
		return Rollout{Image: release.Image, Speaks: release.Speaks, RecordKey: release.RecordKey}, nil
	}
	return Rollout{Image: live.image(), UpdateAvailable: release.Image, Speaks: live.Speaks, RecordKey: release.RecordKey, kept: live}, nil
}

// podTemplateOf returns the pod template and the annotations of the workload.
func podTemplateOf(in WorkloadInput, r Rollout) (*coreac.PodTemplateSpecApplyConfiguration, map[string]string, error) {
	rec := r.kept
	if rec == nil {
		hash, err := in.inputs().hash()
		if err != nil {
			return nil, nil, err
		}
		rec = &record{Inputs: hash, Speaks: r.Speaks, Template: in.template(r.Image)}
	}
	annotations, err := rec.annotations(r.RecordKey, in.parent())
	return rec.Template, annotations, err
}
