// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Conditions of every kind. They follow kstatus: Ready is always there, Reconciling and Stalled
// only while they are True, and never both.
const (
	// ConditionReady is True when the spec is accepted and applied.
	ConditionReady = "Ready"
	// ConditionReconciling is True while the operator still works on the spec or waits for something it refers to.
	ConditionReconciling = "Reconciling"
	// ConditionStalled is True when only the user can mend the spec, or a foreign object is in the way.
	ConditionStalled = "Stalled"
)

// Conditions of an EventStore.
const (
	// ConditionAvailable is True when the store answers.
	ConditionAvailable = "Available"
	// ConditionStorageHealthy is False before the volume is full.
	ConditionStorageHealthy = "StorageHealthy"
)

// Conditions of a TouchpointSource.
const (
	// ConditionIngestionAvailable is True when pods serve and the Secret is there with its key.
	ConditionIngestionAvailable = "IngestionAvailable"
	// ConditionFresh is True when the source was heard from within expectEvery.
	ConditionFresh = "Fresh"
	// ConditionRejecting is True while a notable share of the events is refused (abnormal-true).
	ConditionRejecting = "Rejecting"
)

// Conditions of a JourneyMap.
const (
	// ConditionAnalysisCurrent is True when the results are of this generation and no older than two ticks.
	ConditionAnalysisCurrent = "AnalysisCurrent"
	// ConditionAsOfHeldBack is True while a source that lags holds the time of analysis back by over one tick; it is left out while it is not True
	// (abnormal-true) (finding).
	ConditionAsOfHeldBack = "AsOfHeldBack"
	// ConditionDataFresh is True when every source of the map is within its expectation.
	ConditionDataFresh = "DataFresh"
	// ConditionMapFresh is True when the map was reviewed in time, covers what happens, and no touchpoint is silent.
	ConditionMapFresh = "MapFresh"
	// ConditionDropOffDetected is True when a stage loses more than its maxDropOff (abnormal-true) (finding).
	ConditionDropOffDetected = "DropOffDetected"
)

// Conditions of a MetricReport.
const (
	// ConditionMetricsCurrent is True when the results are of this generation and no older than two ticks.
	ConditionMetricsCurrent = "MetricsCurrent"
	// ConditionTargetsMet is True when every KPI with a target meets it (finding).
	ConditionTargetsMet = "TargetsMet"
)

// AcceptStoreAnnotation on an EventStore takes up data that are not those that were there before: the condition StorageHealthy with the reason
// DataLost gives its value.
const AcceptStoreAnnotation = "journeyman.dev/accept-store"

// RunAtAnnotation starts a run at once when its value changes; any text, by custom the present time. The results give the value that their run
// found as status.trace.analysis.handledRunAt.
const RunAtAnnotation = "journeyman.dev/run-at"
