// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// The comment of each reason names, in brackets, the conditions and the status that it goes with; the page
// docs/reference/conditions.md is made from these comments. Where Ready is not True, the condition that explains it
// (Reconciling or Stalled) carries the same reason and message as Ready.

// Reasons of Ready and Reconciling while nothing is wrong with the spec.
const (
	// ReasonSucceeded (Ready=True): the spec is accepted and applied, and the pods, if there are any, were available once.
	ReasonSucceeded = "Succeeded"
	// ReasonProgressing (Ready=Unknown, Reconciling=True): the operator has taken up the spec and is applying it.
	ReasonProgressing = "Progressing"
	// ReasonRolloutIncomplete (Ready=Unknown, Reconciling=True, IngestionAvailable=False): the pods are not available. The
	// message says how many of them are, and why the others are not.
	ReasonRolloutIncomplete = "RolloutIncomplete"
	// ReasonDependencyNotFound (Ready=Unknown, Reconciling=True, IngestionAvailable=Unknown): an object that the spec refers to does not exist. The message gives the field
	// path, the kind and the name. It is waited for, because manifests arrive in any order.
	ReasonDependencyNotFound = "DependencyNotFound"
	// ReasonApplyFailed (Ready=False, Reconciling=True): a child could not be applied, for example because the API server did not answer or the
	// operator lacks a right. The message says why; it is tried again.
	ReasonApplyFailed = "ApplyFailed"
)

// Reasons of Ready and Stalled: only a person can mend these. The message gives the field path and the fix.
const (
	// ReasonInvalidSpec (Ready=False, Stalled=True): a field has a value that cannot work, and no other reason names it better.
	ReasonInvalidSpec = "InvalidSpec"
	// ReasonInvalidMapping (Ready=False, Stalled=True): a CEL expression of the mapping does not compile. The pods keep the last good mapping.
	ReasonInvalidMapping = "InvalidMapping"
	// ReasonInvalidSchedule (Ready=False, Stalled=True): the text in analysis.schedule is no cron line.
	ReasonInvalidSchedule = "InvalidSchedule"
	// ReasonInvalidTimeZone (Ready=False, Stalled=True): the zone in analysis.timeZone is not in the IANA database.
	ReasonInvalidTimeZone = "InvalidTimeZone"
	// ReasonInvalidStage (Ready=False, Stalled=True): a KPI names a stage that the JourneyMap does not have.
	ReasonInvalidStage = "InvalidStage"
	// ReasonChildRefused (Ready=False, Stalled=True): the API server refuses a child for good: a quota, an admission policy, a storage class that
	// cannot expand volumes, a field that cannot change. The message repeats the refusal and says what can be done. All other children are
	// applied; the refused one is offered again every minute.
	ReasonChildRefused = "ChildRefused"
	// ReasonNameConflict (Ready=False, Stalled=True): an object that somebody else made has the name of a child. It is left alone.
	ReasonNameConflict = "NameConflict"
)

// Reasons that several conditions share.
const (
	// ReasonNotObserved (Available=Unknown, StorageHealthy=Unknown, IngestionAvailable=Unknown, Fresh=Unknown, Rejecting=Unknown,
	// DataFresh=Unknown): it was not looked at yet, or there was nothing to see yet.
	ReasonNotObserved = "NotObserved"
	// ReasonStarting (Available=Unknown, IngestionAvailable=Unknown): it was never available, and has had less
	// than ten minutes to come up. The message says what it waits for.
	ReasonStarting = "Starting"
	// ReasonStoreUnavailable (Available=False, StorageHealthy=Unknown, IngestionAvailable=False, Fresh=Unknown, Rejecting=Unknown,
	// DataFresh=Unknown): the store does not answer, its EventStore is gone, or no pod of the source reaches it. Nothing is lost: senders get 503 and
	// send again.
	ReasonStoreUnavailable = "StoreUnavailable"
	// ReasonSuspended (IngestionAvailable=False, Fresh=Unknown, AnalysisCurrent=Unknown, MetricsCurrent=Unknown): suspend is set. A
	// source stays so until all of its pods have taken up that it was taken back, a minute or two.
	ReasonSuspended = "Suspended"
	// ReasonNewIdentitiesRefused (IngestionAvailable=False, IngestionAvailable=True): events that bring identities new to the EventStore get 503, because
	// it has no memory for them; those of known customers are taken. It is True while these are fewer than 5 % of the events. Let the EventStore's
	// spec.pod.resources.limits.memory grow. status.topReasons counts the events as new-identities, each time that one comes.
	ReasonNewIdentitiesRefused = "NewIdentitiesRefused"
	// ReasonWithinExpectation (Fresh=True, DataFresh=True): something was received within expectEvery, from every source that has it set.
	ReasonWithinExpectation = "WithinExpectation"
	// ReasonNoExpectation (Fresh=True, DataFresh=True): expectEvery is not set, so no silence is too long.
	ReasonNoExpectation = "NoExpectation"
	// ReasonSourceStale (Fresh=False, DataFresh=False): nothing was received for longer than expectEvery. The message names the
	// sources and the time of the last receipt.
	ReasonSourceStale = "SourceStale"
	// ReasonNeverReceived (Fresh=False, DataFresh=False): nothing was ever received, and expectEvery has passed since the source was created.
	ReasonNeverReceived = "NeverReceived"
	// ReasonNoResults (AnalysisCurrent=Unknown, MetricsCurrent=Unknown, MapFresh=Unknown, DropOffDetected=Unknown, TargetsMet=Unknown): no
	// run has finished for this generation of the spec.
	ReasonNoResults = "NoResults"
	// ReasonResultsCurrent (AnalysisCurrent=True, MetricsCurrent=True): the results are of this generation and no older than two ticks,
	// or of a fixed time of analysis.
	ReasonResultsCurrent = "ResultsCurrent"
	// ReasonResultsOutdated (AnalysisCurrent=False, MetricsCurrent=False): the newest results are older than two ticks, and no failed Job says why.
	ReasonResultsOutdated = "ResultsOutdated"
	// ReasonJobFailed (AnalysisCurrent=False, MetricsCurrent=False): the last run failed. The message names the Job and its error.
	ReasonJobFailed = "JobFailed"
)

// Reasons of an EventStore.
const (
	// ReasonStoreAnswering (Available=True): the store answers.
	ReasonStoreAnswering = "StoreAnswering"
	// ReasonStorageSufficient (StorageHealthy=True): there is room left on the volume.
	ReasonStorageSufficient = "StorageSufficient"
	// ReasonStorageLow (StorageHealthy=False): the volume is nearly full; events are still taken. Let spec.backend.embedded.storage.size
	// grow, or shorten spec.retention.
	ReasonStorageLow = "StorageLow"
	// ReasonStorageFull (StorageHealthy=False, IngestionAvailable=False): the volume is full; nothing is taken until there is room.
	ReasonStorageFull = "StorageFull"
	// ReasonIdentitiesMany (StorageHealthy=False): the store's memory for identities is nearly full; everything is still taken, or everything but
	// identities that are new and come from public sources that have used their share. The message names the source that brought most. Let
	// spec.pod.resources.limits.memory grow.
	ReasonIdentitiesMany = "IdentitiesMany"
	// ReasonIdentitiesFull (StorageHealthy=False): the store's memory for identities is full; events of new ones get 503, those of known ones
	// are taken. Let spec.pod.resources.limits.memory grow.
	ReasonIdentitiesFull = "IdentitiesFull"
	// ReasonDataLost (StorageHealthy=False): the volume holds another store than before, or an earlier state of it. Events that were acknowledged
	// are not there. The message says which, and how to go on with what there is.
	ReasonDataLost = "DataLost"
	// ReasonStoreReadOnly (StorageHealthy=False, IngestionAvailable=False): the store takes nothing because of a fault of the volume. The message repeats it.
	ReasonStoreReadOnly = "StoreReadOnly"
)

// Reasons of a TouchpointSource.
const (
	// ReasonServing (IngestionAvailable=True): at least one pod serves, the store takes what it acknowledges, and the Secret is there with its key.
	ReasonServing = "Serving"
	// ReasonSecretNotFound (IngestionAvailable=False): a Secret that the spec refers to, or its key, is not there, so that every request is
	// refused. The message gives the field path, the Secret's name and the key. It is taken up as soon as it is there.
	ReasonSecretNotFound = "SecretNotFound"
	// ReasonNothingRejected (Rejecting=False): no event was refused lately. Requests that a suspended source turned away do not count.
	ReasonNothingRejected = "NothingRejected"
	// ReasonRejectionsFew (Rejecting=False): some events were refused lately, less than a notable share. The message gives the first reason.
	ReasonRejectionsFew = "RejectionsFew"
	// ReasonEventsRejected (Rejecting=True): a notable share of the events was refused lately. The message gives the share, the first reason and an example.
	ReasonEventsRejected = "EventsRejected"
)

// Reasons of a JourneyMap.
const (
	// ReasonNoSources (DataFresh=Unknown): no TouchpointSource feeds the map, so there is nothing to be fresh.
	ReasonNoSources = "NoSources"
	// ReasonMapCurrent (MapFresh=True): the map was reviewed in time, covers what happens, and no touchpoint is silent.
	ReasonMapCurrent = "MapCurrent"
	// ReasonReviewDue (MapFresh=False): the last review, or the creation of a map without one, is longer ago than freshness.reviewEvery.
	ReasonReviewDue = "ReviewDue"
	// ReasonCoverageLow (MapFresh=False): fewer customer events match a touchpoint than freshness.minCoverage wants. The message names the
	// most frequent events that match none.
	ReasonCoverageLow = "CoverageLow"
	// ReasonTouchpointsSilent (MapFresh=False): touchpoints had no event over the lookback. The message names them.
	ReasonTouchpointsSilent = "TouchpointsSilent"
	// ReasonDataTooShort (MapFresh=Unknown): the data do not reach back far enough to call a touchpoint silent that had no event. The message says
	// since when there are any.
	ReasonDataTooShort = "DataTooShort"
	// ReasonSourceLags (AsOfHeldBack=True): the results speak of an earlier time than their run, because a source has no newer event. The
	// message names it, and says when its newest event happened and when it was heard from.
	ReasonSourceLags = "SourceLags"
	// ReasonNoCustomers (DropOffDetected=Unknown): nobody has entered a stage that has a maxDropOff.
	ReasonNoCustomers = "NoCustomers"
	// ReasonDropOffAboveLimit (DropOffDetected=True): a stage loses a greater share than its maxDropOff. The message names the stages.
	ReasonDropOffAboveLimit = "DropOffAboveLimit"
	// ReasonDropOffWithinLimits (DropOffDetected=False): every stage with a maxDropOff that customers entered keeps to it.
	ReasonDropOffWithinLimits = "DropOffWithinLimits"
	// ReasonDropOffUnusual (DropOffDetected=True): a stage lost significantly more customers on the newest finished day than its own past lets one
	// expect. The message names the stages with the evidence.
	ReasonDropOffUnusual = "DropOffUnusual"
	// ReasonNoLimits (DropOffDetected=False): no stage has a maxDropOff, and none was unusually bad.
	ReasonNoLimits = "NoLimits"
)

// Reasons of a MetricReport.
const (
	// ReasonTargetsMet (TargetsMet=True): every KPI with a target meets it.
	ReasonTargetsMet = "TargetsMet"
	// ReasonTargetsMissed (TargetsMet=False): a KPI misses its target. The message names the KPIs with value and target.
	ReasonTargetsMissed = "TargetsMissed"
	// ReasonNoTargets (TargetsMet=True): no KPI has a target.
	ReasonNoTargets = "NoTargets"
	// ReasonNoValue (TargetsMet=Unknown): there are no events to measure, or a KPI with a target has no value, because there was nothing to compute it from.
	ReasonNoValue = "NoValue"
)
