// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// JourneyMapStatus holds the results of the last analysis and what the operator makes of them.
//
// Two writers: the operator alone writes conditions and observedGeneration, the analysis job alone writes
// everything else, whole each time.
type JourneyMapStatus struct {
	// conditions are Ready, Reconciling, Stalled, AnalysisCurrent, DataFresh, MapFresh, DropOffDetected.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation of the spec that the conditions speak of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// summary is what kubectl get shows.
	// +optional
	Summary *JourneySummary `json:"summary,omitempty"`

	// stages in the order of the spec: mature attempts only.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	Stages []StageResult `json:"stages,omitempty"`

	// depth is the number of customers with at least k stages, for the order Any.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	Depth []DepthResult `json:"depth,omitempty"`

	// personas are the first and the last stage by persona.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=17
	Personas []SegmentResult `json:"personas,omitempty"`

	// provisional are the attempts whose window has not ended at the time of analysis.
	// +optional
	Provisional *ProvisionalResult `json:"provisional,omitempty"`

	// handoffs are the ways from one channel to another that most customers took.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	Handoffs []Handoff `json:"handoffs,omitempty"`

	// coverage is the share of customer events that some touchpoint matches.
	// +optional
	Coverage *CoverageResult `json:"coverage,omitempty"`

	// freshness of the map.
	// +optional
	Freshness *FreshnessResult `json:"freshness,omitempty"`

	// trace is for machines: what the results were computed from, and by which run.
	// +optional
	Trace Trace `json:"trace,omitzero"`

	// cut names the lists of the results that are shorter than they would be, because the object has no room for more: the largest lists lose
	// their oldest or smallest entries.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=24
	Cut []ResultCut `json:"cut,omitempty"`
}

// ResultCut is a list of the results that was cut.
type ResultCut struct {
	// list is the path of it in the status, such as tables[paths].rows.
	// +required
	// +kubebuilder:validation:MaxLength=64
	List string `json:"list,omitempty"`

	// shown is the number of entries that are left.
	// +required
	Shown int32 `json:"shown"`

	// of is the number of entries that there would be.
	// +required
	Of int32 `json:"of"`
}

// JourneySummary is the essence of a journey.
type JourneySummary struct {
	// customers who entered the first stage (for the order Any: any stage), mature attempts only.
	// +required
	Customers int64 `json:"customers"`

	// period that the numbers speak of.
	// +optional
	Period *ResultPeriod `json:"period,omitempty"`

	// duplicates are events that were received again and count once. Missing when there are none.
	// +optional
	Duplicates *DuplicatesResult `json:"duplicates,omitempty"`

	// outside counts the customers who are in no number because they entered at another time. Left out when it is known that there are none.
	// +optional
	Outside *OutsideResult `json:"outside,omitempty"`

	// note says why there are no numbers of mature attempts, how many customers count in nothing because they have too many events, and at which
	// stage nobody is known from an earlier one.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	Note string `json:"note,omitempty"`

	// seen is the number of customers with any event in the time in which attempts begin; the share of them who entered is customers / seen.
	// +optional
	Seen int64 `json:"seen,omitempty"`

	// conversion is the share of customers who reached the last stage.
	// +optional
	Conversion Ratio `json:"conversion,omitempty"`

	// worstStage is the stage after which the greatest share is lost.
	// +optional
	// +kubebuilder:validation:MaxLength=40
	WorstStage string `json:"worstStage,omitempty"`

	// worstDropOff is the share lost after worstStage.
	// +optional
	WorstDropOff Ratio `json:"worstDropOff,omitempty"`

	// display has the ratios in a form for people.
	// +optional
	Display *SummaryDisplay `json:"display,omitempty"`
}

// ResultPeriod is the time that numbers speak of.
type ResultPeriod struct {
	// asOf is the time of analysis: nothing later was looked at.
	// +optional
	AsOf *metav1.Time `json:"asOf,omitempty"`

	// from is the first instant at which a counted attempt could begin.
	// +optional
	From *metav1.Time `json:"from,omitempty"`

	// to ends the time in which mature attempts began; those that began later are provisional.
	// +optional
	To *metav1.Time `json:"to,omitempty"`

	// eventsFrom begins the time over which KPIs and tables count events by themselves, such as orders.
	// +optional
	EventsFrom *metav1.Time `json:"eventsFrom,omitempty"`

	// eventsTo ends that time.
	// +optional
	EventsTo *metav1.Time `json:"eventsTo,omitempty"`
}

// DuplicatesResult counts events of the map's sources that were received again. It does not speak of the period: when such an event happened is not kept.
type DuplicatesResult struct {
	// count of the events since that time, whenever they happened.
	// +required
	Count int64 `json:"count"`

	// since when the sources exist, the oldest of them; missing where there is no source, as in a preview of files.
	// +optional
	Since *metav1.Time `json:"since,omitempty"`
}

// OutsideResult counts customers with an event of the first stage (for the order Any: of any stage) who have no attempt that counts, neither mature
// nor provisional.
type OutsideResult struct {
	// before is the number of those who entered before the period. Missing when it is not known: a store of over 2,000,000 events is read from
	// the period on.
	// +optional
	Before *int64 `json:"before,omitempty"`

	// after is the number of those who entered after the period alone. Left out when there are none.
	// +optional
	After int64 `json:"after,omitempty"`
}

// SummaryDisplay has ratios in a form for people.
type SummaryDisplay struct {
	// conversion such as "12.1%"; as long as no attempt is mature, that of the attempts under way: "12.1% (provisional)".
	// +optional
	// +kubebuilder:validation:MaxLength=32
	Conversion string `json:"conversion,omitempty"`

	// dropOff such as "48.1%".
	// +optional
	// +kubebuilder:validation:MaxLength=16
	DropOff string `json:"dropOff,omitempty"`
}

// StageResult are the numbers of one stage. entered = converted + dropped for every stage but the last.
type StageResult struct {
	// name of the stage.
	// +required
	Name ItemName `json:"name,omitempty"`

	// entered is the number of customers whose attempt reached the stage.
	// +required
	Entered int64 `json:"entered"`

	// converted is the number of those who went on to a later stage; for the last stage, entered.
	// +required
	Converted int64 `json:"converted"`

	// dropped is the number of those who did not go on.
	// +required
	Dropped int64 `json:"dropped"`

	// dropOff is dropped divided by entered; missing when nobody entered.
	// +optional
	DropOff Ratio `json:"dropOff,omitempty"`

	// medianTimeToNext is the median time from this stage to the next one reached, of those who went on, in words: "7 h 26 m". Missing when
	// nobody went on.
	// +optional
	// +kubebuilder:validation:MaxLength=24
	MedianTimeToNext string `json:"medianTimeToNext,omitempty"`

	// meanTimeToNext is the mean of the same times, in words.
	// +optional
	// +kubebuilder:validation:MaxLength=24
	MeanTimeToNext string `json:"meanTimeToNext,omitempty"`

	// byChannel splits entered by the channel of the event that entered the stage.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=17
	ByChannel []ChannelCount `json:"byChannel,omitempty"`

	// emotion that was measured, for stages that expect one.
	// +optional
	Emotion *EmotionResult `json:"emotion,omitempty"`

	// friction lists the touchpoints with which surely more customers drop out of the stage than without.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=3
	Friction []FrictionResult `json:"friction,omitempty"`

	// reach is the number of customers with any event of the stage in the range, whatever came before.
	// +required
	Reach int64 `json:"reach"`

	// anomaly is there when the newest finished day was significantly worse than the stage's own past.
	// +optional
	Anomaly *StageAnomaly `json:"anomaly,omitempty"`
}

// StageAnomaly is the evidence that a stage lost more customers on a day than its past lets one expect, all days being looked at
// at equal age.
type StageAnomaly struct {
	// day that was judged: the newest finished one, in the time zone of the analysis.
	// +required
	Day Date `json:"day,omitempty"`

	// entered is the number of customers who entered the stage on that day.
	// +required
	Entered int64 `json:"entered"`

	// dropped is the number of those who have not gone on yet.
	// +required
	Dropped int64 `json:"dropped"`

	// dropOff is dropped divided by entered.
	// +required
	DropOff Ratio `json:"dropOff,omitempty"`

	// expectedDropOff is that of such a weekday, by the eight weeks before.
	// +required
	ExpectedDropOff Ratio `json:"expectedDropOff,omitempty"`

	// expectedLow and expectedHigh enclose the drop-off of 95 % of quiet days like this one.
	// +required
	ExpectedLow Ratio `json:"expectedLow,omitempty"`

	// expectedHigh is the upper end.
	// +required
	ExpectedHigh Ratio `json:"expectedHigh,omitempty"`

	// pValue is the probability that a quiet day is as bad as this one, or worse. Alarms are raised below 0.0001.
	// +required
	// +kubebuilder:validation:MaxLength=16
	PValue string `json:"pValue,omitempty"`

	// days is the number of days that the expectation rests on.
	// +required
	Days int32 `json:"days"`
}

// ChannelCount counts customers by channel.
type ChannelCount struct {
	// channel of the event, or "other" beyond the first 16.
	// +required
	// +kubebuilder:validation:MaxLength=32
	Channel string `json:"channel,omitempty"`

	// entered is the number of customers who entered through this channel.
	// +required
	Entered int64 `json:"entered"`

	// converted is the number of those who went on.
	// +required
	Converted int64 `json:"converted"`
}

// DepthResult counts customers with at least so many stages.
type DepthResult struct {
	// stages is the number of distinct stages.
	// +required
	Stages int32 `json:"stages"`

	// customers with at least that many stages inside one window.
	// +required
	Customers int64 `json:"customers"`

	// dropOff is the share of them without one more stage.
	// +optional
	DropOff Ratio `json:"dropOff,omitempty"`
}

// SegmentResult are the customers of one persona.
type SegmentResult struct {
	// name of the persona, or "other".
	// +required
	// +kubebuilder:validation:MaxLength=40
	Name string `json:"name,omitempty"`

	// customers who entered the first stage.
	// +required
	Customers int64 `json:"customers"`

	// converted is the number of those who reached the last stage.
	// +required
	Converted int64 `json:"converted"`

	// conversion is converted divided by customers; missing when there are none.
	// +optional
	Conversion Ratio `json:"conversion,omitempty"`
}

// ProvisionalResult counts attempts whose window has not ended. entered = converted + inProgress.
type ProvisionalResult struct {
	// entered is the number of customers with an attempt that is not mature.
	// +required
	Entered int64 `json:"entered"`

	// inProgress is the number of those who may still convert.
	// +required
	InProgress int64 `json:"inProgress"`

	// converted is the number of those who reached the last stage already.
	// +required
	Converted int64 `json:"converted"`
}

// CoverageResult says how much of what happens the map knows.
type CoverageResult struct {
	// matched is the number of customer events that some touchpoint matches.
	// +required
	Matched int64 `json:"matched"`

	// unmatched is the number of customer events that no touchpoint matches.
	// +required
	Unmatched int64 `json:"unmatched"`

	// ratio is matched divided by all; missing when there are none.
	// +optional
	Ratio Ratio `json:"ratio,omitempty"`

	// topUnmatched are the most frequent events that no touchpoint matches.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	TopUnmatched []EventCount `json:"topUnmatched,omitempty"`

	// since is the time from which on events were looked at: the begin of the analysed time, or that of the oldest event of the map's sources.
	// Missing when there are none.
	// +optional
	Since *metav1.Time `json:"since,omitempty"`

	// silentTouchpoints are touchpoints, written stage/touchpoint, that had no event although data cover the lookback, or 30 days of it.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:items:MaxLength=81
	SilentTouchpoints []string `json:"silentTouchpoints,omitempty"`

	// silentCount is the number of all silent touchpoints.
	// +optional
	SilentCount int32 `json:"silentCount,omitempty"`

	// quietTouchpoints are touchpoints that had no event yet, while the data are too short to call them silent.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:items:MaxLength=81
	QuietTouchpoints []string `json:"quietTouchpoints,omitempty"`

	// quietCount is the number of all quiet touchpoints.
	// +optional
	QuietCount int32 `json:"quietCount,omitempty"`
}

// EventCount counts events of one name.
type EventCount struct {
	// event is the name.
	// +required
	// +kubebuilder:validation:MaxLength=128
	Event string `json:"event,omitempty"`

	// count of the events.
	// +required
	Count int64 `json:"count"`
}

// FreshnessResult says how old the map was at the time of analysis.
type FreshnessResult struct {
	// reviewDue is when the next review is due: reviewEvery after the end of the day of the last one, or after the creation of the map.
	// +optional
	ReviewDue *metav1.Time `json:"reviewDue,omitempty"`

	// sources of the map at the time of the run, with how current each one is.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	Sources []SourceFreshness `json:"sources,omitempty"`
}

// SourceFreshness is how current the data of one source were.
type SourceFreshness struct {
	// name of the source.
	// +required
	Name LocalName `json:"name,omitempty"`

	// newestEventTime is the time of its newest event that was not ahead of its receipt. It is left out while there is none.
	// +optional
	NewestEventTime *metav1.Time `json:"newestEventTime,omitempty"`
}
