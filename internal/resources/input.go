// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources

import (
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/pki"
)

// EventStoreInput is the input for the children of an EventStore.
type EventStoreInput struct {
	// Store as read from the API server.
	Store *v1alpha1.EventStore
	// Rollout is the image and template of the pod; see ChooseRollout.
	Rollout Rollout
	// Pods are the operator's defaults for all pods.
	Pods PodDefaults
	// Network configures the network policy.
	Network Network
	// Material of the store's current epoch.
	Material pki.StoreMaterial
	// ClaimSize is the size that the live volume claim requests, zero without one. An adopted claim can be larger than the spec, and no claim can shrink.
	ClaimSize resource.Quantity
	// ClaimPending is set if the live claim has no volume yet. Its size cannot be changed until it has.
	ClaimPending bool
	// ClaimCapacity is the capacity of the live claim's volume, zero without one.
	ClaimCapacity resource.Quantity
}

// TouchpointSourceInput is the input for the children of a TouchpointSource.
type TouchpointSourceInput struct {
	// Source as read from the API server.
	Source *v1alpha1.TouchpointSource
	// Store that it refers to.
	Store *v1alpha1.EventStore
	// Rollout is the image and template of the pods; see ChooseRollout.
	Rollout Rollout
	// Pods are the operator's defaults for all pods.
	Pods PodDefaults
	// Network configures the network policy.
	Network Network
	// AppendSecret is the name of the store's Secret for ingestion.
	AppendSecret string
	// KeepReplicas is the number of pods to keep requesting although an autoscaler is wanted; nil leaves it to the autoscaler. See ReplicasToKeep.
	KeepReplicas *int32
	// AutoscalerLater omits the autoscaler for now, because it would warn of pods that have no metrics yet.
	AutoscalerLater bool
}

// AnalysisShared is the common input for the children of maps and of reports.
type AnalysisShared struct {
	// Store to read from.
	Store *v1alpha1.EventStore
	// Sources of the map in any order: those that it names, or all of the store.
	Sources []*v1alpha1.TouchpointSource
	// Image of the job pods.
	Image string
	// Pods are the operator's defaults for all pods.
	Pods PodDefaults
	// Network configures the network policy.
	Network Network
	// ScanSecret is the name of the store's Secret for analysis jobs.
	ScanSecret string
}

// JourneyMapInput is the input for the children of a JourneyMap.
type JourneyMapInput struct {
	// Map as read from the API server.
	Map *v1alpha1.JourneyMap
	AnalysisShared
}

// MetricReportInput is the input for the children of a MetricReport.
type MetricReportInput struct {
	// Report as read from the API server.
	Report *v1alpha1.MetricReport
	// Map that it refers to. Store and sources are those of the map.
	Map *v1alpha1.JourneyMap
	AnalysisShared
}

// AnalysisInput is a JourneyMapInput or a MetricReportInput.
type AnalysisInput interface {
	analysis() (analysisRun, error)
}

// FirstRunJob builds the Job for an immediate run: on acceptance, on a new generation, and on a new value of the annotation v1alpha1.RunAtAnnotation.
// The name contains a hash of the UID, the generation and the annotation, so that each of them runs once. The scheduled time is the time of the
// decision; it is only in the Job, not in its name.
func FirstRunJob(in AnalysisInput, scheduled time.Time) (Child, error) {
	run, err := in.analysis()
	if err != nil {
		return Child{}, err
	}
	return run.firstRun(scheduled), nil
}
