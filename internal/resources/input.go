// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources

import (
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/pki"
)

// EventStoreInput is everything that the children of an EventStore depend on.
type EventStoreInput struct {
	// Store as read from the API server.
	Store *v1alpha1.EventStore
	// Rollout is what the pod is made from; see ChooseRollout.
	Rollout Rollout
	// Pods is what the operator gives to all pods.
	Pods PodDefaults
	// Network is what the network policy depends on.
	Network Network
	// Material of the store's current epoch.
	Material pki.StoreMaterial
	// ClaimSize is what the live volume claim asks for, zero without one. An adopted claim may be larger than the
	// spec says, and no claim can shrink.
	ClaimSize resource.Quantity
	// ClaimPending says that the live claim has no volume yet: its size cannot be changed until it has.
	ClaimPending bool
	// ClaimCapacity is what the live claim's volume has, zero without one.
	ClaimCapacity resource.Quantity
}

// TouchpointSourceInput is everything that the children of a TouchpointSource depend on.
type TouchpointSourceInput struct {
	// Source as read from the API server.
	Source *v1alpha1.TouchpointSource
	// Store that it refers to.
	Store *v1alpha1.EventStore
	// Rollout is what the pods are made from; see ChooseRollout.
	Rollout Rollout
	// Pods is what the operator gives to all pods.
	Pods PodDefaults
	// Network is what the network policy depends on.
	Network Network
	// AppendSecret is the name of the store's Secret for ingestion.
	AppendSecret string
	// KeepReplicas is the number of pods to continue asking for although an autoscaler is wanted; nil leaves it to the
	// autoscaler. See ReplicasToKeep.
	KeepReplicas *int32
	// AutoscalerLater leaves the autoscaler out for now: it would warn of pods that have no metrics yet.
	AutoscalerLater bool
}

// AnalysisShared is what the children of maps and of reports depend on alike.
type AnalysisShared struct {
	// Store that is read.
	Store *v1alpha1.EventStore
	// Sources of the map: those that it names, or all of the store. In any order.
	Sources []*v1alpha1.TouchpointSource
	// Image of the jobs' pods.
	Image string
	// Pods is what the operator gives to all pods.
	Pods PodDefaults
	// Network is what the network policy depends on.
	Network Network
	// ScanSecret is the name of the store's Secret for analysis jobs.
	ScanSecret string
}

// JourneyMapInput is everything that the children of a JourneyMap depend on.
type JourneyMapInput struct {
	// Map as read from the API server.
	Map *v1alpha1.JourneyMap
	AnalysisShared
}

// MetricReportInput is everything that the children of a MetricReport depend on.
type MetricReportInput struct {
	// Report as read from the API server.
	Report *v1alpha1.MetricReport
	// Map that it refers to; store and sources are the map's.
	Map *v1alpha1.JourneyMap
	AnalysisShared
}

// AnalysisInput is a JourneyMapInput or a MetricReportInput.
type AnalysisInput interface {
	analysis() (analysisRun, error)
}

// FirstRunJob builds the Job that runs at once: on acceptance, on a new generation, and on a new value of the annotation
// v1alpha1.RunAtAnnotation. The name is a hash of the UID, the generation and the annotation, so that each of them runs
// once. The scheduled time is the instant of the decision; it is in the Job alone, not in its name.
func FirstRunJob(in AnalysisInput, scheduled time.Time) (Child, error) {
	run, err := in.analysis()
	if err != nil {
		return Child{}, err
	}
	return run.firstRun(scheduled), nil
}
