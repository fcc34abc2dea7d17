// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Trace records what results were computed from, and by which run, so that you can reproduce them. Its name in the status comes late in the
// alphabet, so that kubectl describe shows what people read first.
type Trace struct {
	// analysis says what the results were computed from.
	// +optional
	Analysis *AnalysisRecord `json:"analysis,omitempty"`

	// secondsToNext has the times to the next stage in seconds, for the stages of a JourneyMap from which a customer continued.
	// +optional
	// +listType=map
	// +listMapKey=stage
	// +kubebuilder:validation:MaxItems=20
	SecondsToNext []SecondsToNext `json:"secondsToNext,omitempty"`

	// lastRun is the last run, whether it succeeded or not.
	// +optional
	LastRun *RunRecord `json:"lastRun,omitempty"`

	// mapGeneration is the generation of the JourneyMap that a MetricReport was computed from.
	// +optional
	MapGeneration int64 `json:"mapGeneration,omitempty"`

	// mapHash is a hash of the fields that a MetricReport uses of its JourneyMap. A change of it starts a new run.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	MapHash string `json:"mapHash,omitempty"`

	// sourcesHash is a hash of the map's sources and of the exclude rules of the EventStore. A change of it starts a new run.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	SourcesHash string `json:"sourcesHash,omitempty"`

	// sources of the map at the time of the run.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	Sources []SourceTrace `json:"sources,omitempty"`
}

// AnalysisRecord records what results were computed from, so that you can reproduce them. Their time is in summary.period. Counts that are absent
// are 0.
type AnalysisRecord struct {
	// uid of the object that was analysed.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	UID string `json:"uid,omitempty"`

	// generation of the spec that was analysed.
	// +optional
	Generation int64 `json:"generation,omitempty"`

	// scheduledTime of the run.
	// +optional
	ScheduledTime *metav1.Time `json:"scheduledTime,omitempty"`

	// startTime is when the run started.
	// +optional
	StartTime *metav1.Time `json:"startTime,omitempty"`

	// completionTime is when the run ended.
	// +optional
	CompletionTime *metav1.Time `json:"completionTime,omitempty"`

	// handledRunAt is the value of the annotation journeyman.dev/run-at that the run found before it read the store. If you find the value here
	// that you set, the results include everything that was stored before. Longer values are cut to 128 characters.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	HandledRunAt string `json:"handledRunAt,omitempty"`

	// heldBackBy names the source that held the time of analysis (summary.period.asOf) back, because it has no newer event.
	// +optional
	// +kubebuilder:validation:MaxLength=40
	HeldBackBy string `json:"heldBackBy,omitempty"`

	// policy lists every rule that was applied.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Policy string `json:"policy,omitempty"`

	// seq is the sequence number of the newest batch of the store that was read.
	// +optional
	Seq int64 `json:"seq,omitempty"`

	// identityVersion is the version of the identity table that was used.
	// +optional
	IdentityVersion int64 `json:"identityVersion,omitempty"`

	// eventsScanned is the number of events that were read.
	// +required
	EventsScanned int64 `json:"eventsScanned"`

	// duplicatesDropped is the number of events of the map's sources that were received again, since each source was created. An event counts once,
	// however often it is delivered. The number is not limited to the analysed time.
	// +optional
	DuplicatesDropped int64 `json:"duplicatesDropped,omitempty"`

	// late is the number of events that were received more than an hour after they happened.
	// +optional
	Late int64 `json:"late,omitempty"`

	// excluded is the number of events left out by the store's exclude rules, or because they come from tests or bots.
	// +optional
	Excluded int64 `json:"excluded,omitempty"`

	// future is the number of events left out because their time is later than the time of analysis.
	// +optional
	Future int64 `json:"future,omitempty"`

	// unidentified is the number of events without any identity in the analysed time (spec.unidentified: Keep of a source). They count as events,
	// for example for coverage and revenue, but belong to no customer. With countBy they count for their session or order.
	// +optional
	Unidentified int64 `json:"unidentified,omitempty"`

	// withoutUnit is the number of events left out because they have no value of countBy.
	// +optional
	WithoutUnit int64 `json:"withoutUnit,omitempty"`

	// oversizedPersons is the number of persons left out because they have more than 50,000 events of trusted sources, or have events of public sources
	// only and more than 50,000 of them.
	// +optional
	OversizedPersons int64 `json:"oversizedPersons,omitempty"`

	// publicEventsLeftOut is the number of events of public sources that were left out because a person, whom a trusted source also knows, has more
	// than 50,000 of them. The person counts with all other events.
	// +optional
	PublicEventsLeftOut int64 `json:"publicEventsLeftOut,omitempty"`
}

// SecondsToNext are the times from one stage to the next one reached, in whole seconds, halves rounded up.
type SecondsToNext struct {
	// stage that was left.
	// +required
	Stage ItemName `json:"stage,omitempty"`

	// median time.
	// +required
	Median int64 `json:"median"`

	// mean time.
	// +required
	Mean int64 `json:"mean"`
}

// SourceTrace says how complete the data of one source were.
type SourceTrace struct {
	// name of the source.
	// +required
	Name LocalName `json:"name,omitempty"`

	// newestReceivedTime is when the source received its last event.
	// +optional
	NewestReceivedTime *metav1.Time `json:"newestReceivedTime,omitempty"`

	// watermark is the time up to which its events are assumed to be complete.
	// +optional
	Watermark *metav1.Time `json:"watermark,omitempty"`

	// events of the source in the scanned time.
	// +required
	Events int64 `json:"events"`
}

// RunRecord is a run of an analysis job.
type RunRecord struct {
	// time at which the run ended.
	// +optional
	Time *metav1.Time `json:"time,omitempty"`

	// job that made the run.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Job string `json:"job,omitempty"`

	// handledRunAt is the value of the annotation journeyman.dev/run-at that the run found when it started, whether it succeeded or not. Of a longer
	// value, its first 128 characters.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	HandledRunAt string `json:"handledRunAt,omitempty"`

	// error of the run; empty when it succeeded.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	Error string `json:"error,omitempty"`
}
