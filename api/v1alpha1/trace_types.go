// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Trace says what results were computed from, and by which run, for whoever wants to compute them again. Its name comes last in the
// alphabet, so that kubectl describe shows what is for people first.
type Trace struct {
	// analysis says what the results were computed from.
	// +optional
	Analysis *AnalysisRecord `json:"analysis,omitempty"`

	// secondsToNext has the times to the next stage as numbers, for the stages of a JourneyMap that somebody went on from.
	// +optional
	// +listType=map
	// +listMapKey=stage
	// +kubebuilder:validation:MaxItems=20
	SecondsToNext []SecondsToNext `json:"secondsToNext,omitempty"`

	// lastAttempt is the last run, whether it succeeded or not.
	// +optional
	LastAttempt *RunAttempt `json:"lastAttempt,omitempty"`

	// mapGeneration is the generation of the JourneyMap that a MetricReport was computed by.
	// +optional
	MapGeneration int64 `json:"mapGeneration,omitempty"`

	// mapHash is of what a MetricReport takes from the JourneyMap: a change of it starts a new run.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	MapHash string `json:"mapHash,omitempty"`

	// sourcesHash is of the map's sources and of the exclude rules of the EventStore, as the results were computed from them: a change of either
	// starts a new run.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	SourcesHash string `json:"sourcesHash,omitempty"`

	// sources of the map at the time of the run.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	Sources []SourceTrace `json:"sources,omitempty"`
}

// AnalysisRecord says what results were computed from, so that they can be computed again. Their time stands in summary.period. What was left out,
// late or nobody's is not listed while there is none of it.
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

	// startedAt is when the run began.
	// +optional
	StartedAt *metav1.Time `json:"startedAt,omitempty"`

	// completedAt is when the run ended.
	// +optional
	CompletedAt *metav1.Time `json:"completedAt,omitempty"`

	// handledRunAt is the value of the annotation journeyman.dev/run-at that the run found before it looked at the store. Whoever sets the
	// annotation to a value of their own and finds it here has results of all that was stored before. Of a longer value, its first 128 characters.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	HandledRunAt string `json:"handledRunAt,omitempty"`

	// heldBackBy names the source whose newest event, or want of any, held the time of analysis, summary.period.asOf, back.
	// +optional
	// +kubebuilder:validation:MaxLength=40
	HeldBackBy string `json:"heldBackBy,omitempty"`

	// policy spells out every rule that was applied.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Policy string `json:"policy,omitempty"`

	// seq is the number of the newest batch of the store that was read.
	// +optional
	Seq int64 `json:"seq,omitempty"`

	// identityVersion is the version of the identity table that was used.
	// +optional
	IdentityVersion int64 `json:"identityVersion,omitempty"`

	// eventsScanned is the number of events that were read.
	// +required
	EventsScanned int64 `json:"eventsScanned"`

	// duplicatesDropped is the number of events of the map's sources that had been received before, since each source exists, and were left out:
	// an event counts once, however often it is delivered. It is not limited to the time that was analysed.
	// +optional
	DuplicatesDropped int64 `json:"duplicatesDropped,omitempty"`

	// late is the number of events that were received over an hour after they happened.
	// +optional
	Late int64 `json:"late,omitempty"`

	// excluded is the number of events left out by the store's exclude rules, or as test or bot.
	// +optional
	Excluded int64 `json:"excluded,omitempty"`

	// future is the number of events left out because their time is ahead of the analysis.
	// +optional
	Future int64 `json:"future,omitempty"`

	// unidentified is the number of events without any identity in the analysed time (spec.unidentified: Keep of a source). They count as events,
	// for coverage and revenue, but are nobody's: no customer, no attempt. With countBy they count for their session or order.
	// +optional
	Unidentified int64 `json:"unidentified,omitempty"`

	// withoutUnit is the number of events left out because they have no value of countBy.
	// +optional
	WithoutUnit int64 `json:"withoutUnit,omitempty"`

	// oversizedPersons is the number of people left out because they have over 50,000 events of trusted sources, or are known from public sources
	// alone and have over 50,000 events.
	// +optional
	OversizedPersons int64 `json:"oversizedPersons,omitempty"`

	// publicEventsLeftOut is the number of events of public sources that count in nothing, because there are over 50,000 of a person whom a trusted
	// source knows, too. The person counts with all other events.
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

// SourceTrace is how far the data of one source were complete.
type SourceTrace struct {
	// name of the source.
	// +required
	Name LocalName `json:"name,omitempty"`

	// newestReceivedTime is when it was heard from last.
	// +optional
	NewestReceivedTime *metav1.Time `json:"newestReceivedTime,omitempty"`

	// watermark is the time up to which its events are believed to be complete.
	// +optional
	Watermark *metav1.Time `json:"watermark,omitempty"`

	// events of the source in the scanned time.
	// +required
	Events int64 `json:"events"`
}

// RunAttempt is a run of an analysis job.
type RunAttempt struct {
	// time at which the run ended.
	// +optional
	Time *metav1.Time `json:"time,omitempty"`

	// job that made the run.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Job string `json:"job,omitempty"`

	// handledRunAt is the value of the annotation journeyman.dev/run-at that the run found when it began, whether it succeeded or not. Of a longer
	// value, its first 128 characters.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	HandledRunAt string `json:"handledRunAt,omitempty"`

	// error of the run; empty when it succeeded.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	Error string `json:"error,omitempty"`
}
