// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Conditions of every kind. They follow kstatus: Ready is always there, Reconciling and Stalled
// only while they are True, and never both.
const (
	// ConditionReady is True when the spec is accepted and applied.
	ConditionReady = "Ready"
	// ConditionReconciling is True while the operator applies the spec or waits for an object that the spec refers to.
	ConditionReconciling = "Reconciling"
	// ConditionStalled is True when the operator cannot continue until somebody fixes the spec or removes an object that is in the way.
	ConditionStalled = "Stalled"
)

// Conditions of an EventStore.
const (
	// ConditionAvailable is True when the store answers.
	ConditionAvailable = "Available"
	// ConditionStorageHealthy is False when the volume or the memory for identities is nearly full, when data are missing, or when the store is read-only.
	ConditionStorageHealthy = "StorageHealthy"
)

// Conditions of a TouchpointSource.
const (
	// ConditionIngestionAvailable is True when pods serve requests or read, the store accepts events, and the Secret exists and has the key.
	ConditionIngestionAvailable = "IngestionAvailable"
	// ConditionFresh is True when the source received an event within expectEvery.
	ConditionFresh = "Fresh"
	// ConditionRejecting is True while a significant share of the events is rejected (abnormal-true).
	ConditionRejecting = "Rejecting"
)

// Conditions of a JourneyMap and of a MetricReport.
const (
	// ConditionAnalysisCurrent is True when the results are for this generation of the spec and no older than two scheduled runs.
	ConditionAnalysisCurrent = "AnalysisCurrent"
)

// Conditions of a JourneyMap alone.
const (
	// ConditionAsOfHeldBack is True while a lagging source holds the time of analysis back by more than one interval of the schedule. It is absent
	// otherwise (abnormal-true) (finding).
	ConditionAsOfHeldBack = "AsOfHeldBack"
	// ConditionDataFresh is True when every source of the map received an event within its expectEvery.
	ConditionDataFresh = "DataFresh"
	// ConditionMapFresh is True when the map was reviewed in time, matches enough of the events, and has no silent touchpoint.
	ConditionMapFresh = "MapFresh"
	// ConditionDropOffDetected is True when the drop-off of a stage is above its maxDropOff or significantly higher than usual (abnormal-true) (finding).
	ConditionDropOffDetected = "DropOffDetected"
)

// Conditions of a MetricReport alone.
const (
	// ConditionTargetsMet is True when every KPI with a target meets it (finding).
	ConditionTargetsMet = "TargetsMet"
)

// AcceptStoreAnnotation on an EventStore accepts a volume whose data differ from those that the operator saw before. The message of the condition
// StorageHealthy with the reason DataLost says which value to set.
const AcceptStoreAnnotation = "journeyman.dev/accept-store"

// RunAtAnnotation starts a run at once when its value changes. Any text works; the current time is customary. The results repeat the value that
// their run found in status.trace.analysis.handledRunAt.
const RunAtAnnotation = "journeyman.dev/run-at"
