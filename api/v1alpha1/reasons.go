// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// The comment of each reason names, in brackets, the conditions and the status that it goes with; the page
// docs/reference/conditions.md is made from these comments. Where Ready is not True, the condition that explains it
// (Reconciling or Stalled) carries the same reason and message as Ready.

// Reasons of Ready and Reconciling while nothing is wrong with the spec.
const (
	// ReasonSucceeded (Ready=True): the spec is accepted and applied, and the pods, if any, became available.
	ReasonSucceeded = "Succeeded"
	// ReasonProgressing (Ready=Unknown, Reconciling=True): the operator is applying the spec.
	ReasonProgressing = "Progressing"
	// ReasonRolloutIncomplete (Ready=Unknown, Reconciling=True, IngestionAvailable=False): the pods are not available. The
	// message says how many of them are, and why the others are not.
	ReasonRolloutIncomplete = "RolloutIncomplete"
	// ReasonDependencyNotFound (Ready=Unknown, Reconciling=True, IngestionAvailable=Unknown): an object that the spec refers to does not exist. The message gives the field
	// path, the kind and the name. The operator waits for it, because manifests arrive in any order.
	ReasonDependencyNotFound = "DependencyNotFound"
	// ReasonApplyFailed (Ready=False, Reconciling=True): the operator could not apply a child, for example because the API server did not answer or the
	// operator lacks a permission. The message says why. The operator tries again.
	ReasonApplyFailed = "ApplyFailed"
)

// Reasons of Ready and Stalled: only a person can fix these. The message gives the field path and the fix.
const (
	// ReasonInvalidSpec (Ready=False, Stalled=True): a field has an invalid value, and no more specific reason applies.
	ReasonInvalidSpec = "InvalidSpec"
	// ReasonInvalidMapping (Ready=False, Stalled=True): a CEL expression of the mapping does not compile. The pods keep using the last valid mapping.
	ReasonInvalidMapping = "InvalidMapping"
	// ReasonInvalidSchedule (Ready=False, Stalled=True): analysis.schedule is not a cron expression.
	ReasonInvalidSchedule = "InvalidSchedule"
	// ReasonInvalidTimeZone (Ready=False, Stalled=True): the zone in analysis.timeZone is not in the IANA database.
	ReasonInvalidTimeZone = "InvalidTimeZone"
	// ReasonInvalidStage (Ready=False, Stalled=True): a KPI names a stage that the JourneyMap does not have.
	ReasonInvalidStage = "InvalidStage"
	// ReasonChildRefused (Ready=False, Stalled=True): the API server rejects a child: a quota, an admission policy, a storage class that
	// cannot expand volumes, an immutable field. The message repeats the rejection and says what you can do. The operator applies all other
	// children, and tries the rejected one again every minute.
	ReasonChildRefused = "ChildRefused"
	// ReasonNameConflict (Ready=False, Stalled=True): an object that the operator did not create has the name of a child. The operator does not touch it.
	ReasonNameConflict = "NameConflict"
)

// Reasons that several conditions share.
const (
	// ReasonNotObserved (Available=Unknown, StorageHealthy=Unknown, IngestionAvailable=Unknown, Fresh=Unknown, Rejecting=Unknown,
	// DataFresh=Unknown): the operator has not observed it yet.
	ReasonNotObserved = "NotObserved"
	// ReasonStarting (Available=Unknown, IngestionAvailable=Unknown): it has not been available yet, and was created less
	// than ten minutes ago. The message says what it waits for.
	ReasonStarting = "Starting"
	// ReasonStoreUnavailable (Available=False, StorageHealthy=Unknown, IngestionAvailable=False, Fresh=Unknown, Rejecting=Unknown,
	// DataFresh=Unknown): the store does not answer, its EventStore does not exist, no pod of the source reaches it, or it has not accepted for two
	// minutes what the pods read. No event is lost: senders get 503 and send again, and what was not read stays at the source.
	ReasonStoreUnavailable = "StoreUnavailable"
	// ReasonSuspended (IngestionAvailable=False, Fresh=Unknown, AnalysisCurrent=Unknown): suspend is set. After you unset it, a
	// source keeps this reason until all of its pods have noticed, which takes a minute or two.
	ReasonSuspended = "Suspended"
	// ReasonNewIdentitiesRefused (IngestionAvailable=False, IngestionAvailable=True): the EventStore has no memory for the new identities of some events.
	// Their senders get 503, and events of known customers are accepted. A pod that reads waits with such an event, and reads nothing further.
	// The condition stays True while fewer than 5 % of the events are refused. Increase spec.pod.resources.limits.memory of the EventStore.
	// status.rejectReasons counts these events as new-identities, each time that they are tried.
	ReasonNewIdentitiesRefused = "NewIdentitiesRefused"
	// ReasonWithinExpectation (Fresh=True, DataFresh=True): every source that has expectEvery set received or read an event within it.
	ReasonWithinExpectation = "WithinExpectation"
	// ReasonNoExpectation (Fresh=True, DataFresh=True): expectEvery is not set, so freshness is not checked.
	ReasonNoExpectation = "NoExpectation"
	// ReasonSourceStale (Fresh=False, DataFresh=False): a source received or read no event for longer than expectEvery. The message
	// names the sources and says when each received its last event.
	ReasonSourceStale = "SourceStale"
	// ReasonNeverReceived (Fresh=False, DataFresh=False): a source never received or read an event, and was created longer than expectEvery ago.
	ReasonNeverReceived = "NeverReceived"
	// ReasonNoResults (AnalysisCurrent=Unknown, MapFresh=Unknown, DropOffDetected=Unknown, TargetsMet=Unknown): no
	// run for this generation of the spec has finished.
	ReasonNoResults = "NoResults"
	// ReasonResultsCurrent (AnalysisCurrent=True): the results are for this generation of the spec, and no older than two scheduled runs or for
	// a fixed time of analysis.
	ReasonResultsCurrent = "ResultsCurrent"
	// ReasonResultsOutdated (AnalysisCurrent=False): the newest results are older than two scheduled runs, and no failed Job explains it.
	ReasonResultsOutdated = "ResultsOutdated"
	// ReasonJobFailed (AnalysisCurrent=False): the last run failed. The message names the Job and its error.
	ReasonJobFailed = "JobFailed"
)

// Reasons of an EventStore.
const (
	// ReasonStoreAnswering (Available=True): the store answers.
	ReasonStoreAnswering = "StoreAnswering"
	// ReasonStorageSufficient (StorageHealthy=True): the volume has free space.
	ReasonStorageSufficient = "StorageSufficient"
	// ReasonStorageLow (StorageHealthy=False): the volume is nearly full. The store still accepts events. Increase
	// spec.backend.embedded.storage.size, or shorten spec.retention.
	ReasonStorageLow = "StorageLow"
	// ReasonStorageFull (StorageHealthy=False, IngestionAvailable=False): the volume is full. The store accepts no events until there is space.
	ReasonStorageFull = "StorageFull"
	// ReasonIdentityMemoryLow (StorageHealthy=False): the store's memory for identities is nearly full. The store still accepts events, except those
	// with new identities from public sources that have used their share. The message names the source that added most identities. Increase
	// spec.pod.resources.limits.memory.
	ReasonIdentityMemoryLow = "IdentityMemoryLow"
	// ReasonIdentityMemoryFull (StorageHealthy=False): the store's memory for identities is full. Events with new identities are refused: senders get 503,
	// and sources that read wait. Events with known identities are accepted. Increase spec.pod.resources.limits.memory.
	ReasonIdentityMemoryFull = "IdentityMemoryFull"
	// ReasonDataLost (StorageHealthy=False): the volume holds another store than before, or an earlier state of it. Acknowledged events are
	// missing. The message says which, and how to continue with the data that exist.
	ReasonDataLost = "DataLost"
	// ReasonStoreReadOnly (StorageHealthy=False, IngestionAvailable=False): the store is read-only because of an I/O error of the volume. The message
	// repeats the error.
	ReasonStoreReadOnly = "StoreReadOnly"
)

// Reasons of a TouchpointSource.
const (
	// ReasonServing (IngestionAvailable=True): at least one pod serves requests or reads, the store accepts events, and the Secret exists and has the key.
	ReasonServing = "Serving"
	// ReasonSourceUnreadable (IngestionAvailable=False, IngestionAvailable=True): pods have not been able to read for two minutes or longer. The condition
	// is True while other pods read. The message says since when, why, and what to do. Nothing is lost as long as the system keeps what was not read.
	ReasonSourceUnreadable = "SourceUnreadable"
	// ReasonDocumentsMissed (IngestionAvailable=True): the system removed documents before they were read, for example by the retention of a broker. The
	// message gives the range. It stays until the pods are replaced; status.rejectReasons keeps the number.
	ReasonDocumentsMissed = "DocumentsMissed"
	// ReasonSecretNotFound (IngestionAvailable=False): a Secret or ConfigMap that the spec refers to, or its key, does not exist. Requests are refused,
	// those that only test the endpoint if its token is missing, and nothing is read. The message gives the field path, the name and the key. The
	// pods use it as soon as it exists.
	ReasonSecretNotFound = "SecretNotFound"
	// ReasonNoRejections (Rejecting=False): no event was rejected recently. Requests to a suspended source do not count.
	ReasonNoRejections = "NoRejections"
	// ReasonFewRejections (Rejecting=False): a small share of the events was rejected recently. The message gives the most frequent reason.
	ReasonFewRejections = "FewRejections"
	// ReasonEventsRejected (Rejecting=True): a significant share of the events was rejected recently. The message gives the share, the most frequent
	// reason and an example.
	ReasonEventsRejected = "EventsRejected"
)

// Reasons of a JourneyMap.
const (
	// ReasonNoSources (DataFresh=Unknown): no TouchpointSource feeds the map, so freshness cannot be checked.
	ReasonNoSources = "NoSources"
	// ReasonMapCurrent (MapFresh=True): the map was reviewed in time, matches enough of the events, and has no silent touchpoint.
	ReasonMapCurrent = "MapCurrent"
	// ReasonReviewDue (MapFresh=False): the last review is longer ago than freshness.reviewEvery. Without a review, the creation of the map counts.
	ReasonReviewDue = "ReviewDue"
	// ReasonCoverageLow (MapFresh=False): a smaller share of the customer events matches a touchpoint than freshness.minCoverage requires. The
	// message names the most frequent events that match none.
	ReasonCoverageLow = "CoverageLow"
	// ReasonTouchpointsSilent (MapFresh=False): touchpoints have no event in the lookback period. The message names them.
	ReasonTouchpointsSilent = "TouchpointsSilent"
	// ReasonDataTooShort (MapFresh=Unknown): touchpoints have no event, but the data do not reach back far enough to call them silent. The message
	// says when the data start.
	ReasonDataTooShort = "DataTooShort"
	// ReasonSourceLags (AsOfHeldBack=True): the results are as of an earlier time than their run, because a source has no newer event. The
	// message names the source, and says when its newest event happened and when it last received one.
	ReasonSourceLags = "SourceLags"
	// ReasonNoCustomers (DropOffDetected=Unknown): nobody has entered a stage that has a maxDropOff.
	ReasonNoCustomers = "NoCustomers"
	// ReasonDropOffAboveLimit (DropOffDetected=True): the drop-off of a stage is above its maxDropOff. The message names the stages.
	ReasonDropOffAboveLimit = "DropOffAboveLimit"
	// ReasonDropOffWithinLimits (DropOffDetected=False): no stage that customers entered is above its maxDropOff.
	ReasonDropOffWithinLimits = "DropOffWithinLimits"
	// ReasonDropOffUnusual (DropOffDetected=True): a stage lost significantly more customers on the newest finished day than its history
	// predicts. The message names the stages with the evidence.
	ReasonDropOffUnusual = "DropOffUnusual"
	// ReasonNoLimits (DropOffDetected=False): no stage has a maxDropOff, and the drop-off of none is unusual.
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
	// ReasonNoValue (TargetsMet=Unknown): there are no events to measure, or a KPI with a target has no value because it has no data.
	ReasonNoValue = "NoValue"
)
