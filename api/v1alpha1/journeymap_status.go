// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// JourneyMapStatus holds the results of the last analysis, and the conditions that the operator derives from them.
//
// It has two writers: the operator writes only conditions and observedGeneration. The analysis job writes everything
// else, and always replaces all of it.
type JourneyMapStatus struct {
	// conditions are Ready, Reconciling, Stalled, AnalysisCurrent, DataFresh, MapFresh, DropOffDetected.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation of the spec that the conditions are about.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// summary has the figures that kubectl get shows.
	// +optional
	Summary *JourneySummary `json:"summary,omitempty"`

	// stages in the order of the spec, with the counts of mature attempts only.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	Stages []StageResult `json:"stages,omitempty"`

	// depth is the number of customers who reached at least so many stages, for the order Any.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	Depth []DepthResult `json:"depth,omitempty"`

	// personas has the customers who entered and who converted, by persona.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=17
	Personas []PersonaResult `json:"personas,omitempty"`

	// provisional are the attempts whose window has not ended at the time of analysis.
	// +optional
	Provisional *ProvisionalResult `json:"provisional,omitempty"`

	// handoffs are the most frequent changes from one channel to another.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	Handoffs []Handoff `json:"handoffs,omitempty"`

	// coverage is the share of customer events that match a touchpoint.
	// +optional
	Coverage *CoverageResult `json:"coverage,omitempty"`

	// freshness of the map.
	// +optional
	Freshness *FreshnessResult `json:"freshness,omitempty"`

	// trace records what the results were computed from, and by which run, for programs.
	// +optional
	Trace Trace `json:"trace,omitzero"`

	// truncated names the lists of results that are incomplete because the object is too large for the API server. The largest lists lose
	// their oldest or smallest entries.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=24
	Truncated []TruncatedList `json:"truncated,omitempty"`
}

// TruncatedList is a list of the results that is shown in part.
type TruncatedList struct {
	// list is the path of the list in the status, such as tables[paths].rows.
	// +required
	// +kubebuilder:validation:MaxLength=64
	List string `json:"list,omitempty"`

	// shown is the number of entries in the list.
	// +required
	Shown int32 `json:"shown"`

	// total is the number of entries of the complete list.
	// +required
	Total int32 `json:"total"`
}

// JourneySummary has the headline figures of a journey.
type JourneySummary struct {
	// customers is the number of customers who entered the first stage (for the order Any: any stage), with mature attempts only.
	// +required
	Customers int64 `json:"customers"`

	// period that the numbers are about.
	// +optional
	Period *ResultPeriod `json:"period,omitempty"`

	// duplicates counts events that were received again. Each event counts once in the results. It is absent when there are none.
	// +optional
	Duplicates *DuplicatesResult `json:"duplicates,omitempty"`

	// outside counts the customers who are in none of the numbers because they entered at another time. It is absent when there are certainly none.
	// +optional
	Outside *OutsideResult `json:"outside,omitempty"`

	// note explains why there are no numbers of mature attempts, how many customers are left out because they have too many events, and at which
	// stage no customer has an identity in common with an earlier stage.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	Note string `json:"note,omitempty"`

	// seen is the number of customers with any event in the time in which attempts start. The share of them who entered is customers / seen.
	// +optional
	Seen int64 `json:"seen,omitempty"`

	// conversion is the share of customers who reached the last stage.
	// +optional
	Conversion Ratio `json:"conversion,omitempty"`

	// worstStage is the stage with the highest drop-off.
	// +optional
	// +kubebuilder:validation:MaxLength=40
	WorstStage string `json:"worstStage,omitempty"`

	// worstDropOff is the drop-off of worstStage.
	// +optional
	WorstDropOff Ratio `json:"worstDropOff,omitempty"`

	// display has the ratios as people read them.
	// +optional
	Display *SummaryDisplay `json:"display,omitempty"`
}

// ResultPeriod is the time that numbers are about.
type ResultPeriod struct {
	// asOf is the time of analysis. Later events do not count.
	// +optional
	AsOf *metav1.Time `json:"asOf,omitempty"`

	// from is the earliest time at which a counted attempt can start.
	// +optional
	From *metav1.Time `json:"from,omitempty"`

	// to is the latest time at which a mature attempt can start. Attempts that start later are provisional.
	// +optional
	To *metav1.Time `json:"to,omitempty"`

	// eventsFrom is the start of the time over which KPIs and tables count single events, such as orders.
	// +optional
	EventsFrom *metav1.Time `json:"eventsFrom,omitempty"`

	// eventsTo is the end of that time.
	// +optional
	EventsTo *metav1.Time `json:"eventsTo,omitempty"`
}

// DuplicatesResult counts events of the map's sources that were received again. It is not limited to the period, because the time of such events
// is not stored.
type DuplicatesResult struct {
	// count of such events received since that time, whenever they happened.
	// +required
	Count int64 `json:"count"`

	// since is the creation time of the oldest source. It is absent where there is no source, as in a preview of files.
	// +optional
	Since *metav1.Time `json:"since,omitempty"`
}

// OutsideResult counts customers with an event of the first stage (for the order Any: of any stage) who have no attempt that counts, neither mature
// nor provisional.
type OutsideResult struct {
	// before is the number of those who entered before the period. It is absent when it is unknown: of a store with over 2,000,000 events, a run
	// reads only events since the start of the period.
	// +optional
	Before *int64 `json:"before,omitempty"`

	// after is the number of those who entered only after the period. It is absent when there are none.
	// +optional
	After int64 `json:"after,omitempty"`
}

// SummaryDisplay has ratios as people read them.
type SummaryDisplay struct {
	// conversion such as "12.1%". While no attempt is mature, it is that of the attempts in progress: "12.1% (provisional)".
	// +optional
	// +kubebuilder:validation:MaxLength=32
	Conversion string `json:"conversion,omitempty"`

	// dropOff such as "48.1%".
	// +optional
	// +kubebuilder:validation:MaxLength=16
	DropOff string `json:"dropOff,omitempty"`
}

// StageResult has the numbers of one stage. entered = converted + dropped.
type StageResult struct {
	// name of the stage.
	// +required
	Name ItemName `json:"name,omitempty"`

	// entered is the number of customers whose attempt reached the stage.
	// +required
	Entered int64 `json:"entered"`

	// converted is the number of those who continued to a later stage. For the last stage it equals entered.
	// +required
	Converted int64 `json:"converted"`

	// dropped is the number of those who did not continue.
	// +required
	Dropped int64 `json:"dropped"`

	// dropOff is dropped divided by entered. It is absent when nobody entered.
	// +optional
	DropOff Ratio `json:"dropOff,omitempty"`

	// medianTimeToNext is the median time from this stage to the next stage reached, of those who continued: "7 h 26 m". It is absent when
	// nobody continued.
	// +optional
	// +kubebuilder:validation:MaxLength=24
	MedianTimeToNext string `json:"medianTimeToNext,omitempty"`

	// meanTimeToNext is the mean of the same times.
	// +optional
	// +kubebuilder:validation:MaxLength=24
	MeanTimeToNext string `json:"meanTimeToNext,omitempty"`

	// byChannel breaks entered down by the channel of the event that entered the stage.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=17
	ByChannel []ChannelCount `json:"byChannel,omitempty"`

	// emotion is the measured emotion, for stages that expect one.
	// +optional
	Emotion *EmotionResult `json:"emotion,omitempty"`

	// friction lists the touchpoints with which significantly more customers drop off from the stage than without.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=3
	Friction []FrictionResult `json:"friction,omitempty"`

	// reach is the number of customers with any event of the stage in the analysed time, whether or not they reached earlier stages.
	// +required
	Reach int64 `json:"reach"`

	// anomaly is set when the drop-off on the newest finished day is significantly worse than the history of the stage predicts.
	// +optional
	Anomaly *StageAnomaly `json:"anomaly,omitempty"`
}

// StageAnomaly is the evidence that a stage lost more customers on a day than its history predicts. All days are compared
// at equal age.
type StageAnomaly struct {
	// day that was tested: the newest finished day, in the time zone of the analysis.
	// +required
	Day Date `json:"day,omitempty"`

	// entered is the number of customers who entered the stage on that day.
	// +required
	Entered int64 `json:"entered"`

	// dropped is the number of those who have not continued yet.
	// +required
	Dropped int64 `json:"dropped"`

	// dropOff is dropped divided by entered.
	// +required
	DropOff Ratio `json:"dropOff,omitempty"`

	// expectedDropOff is the drop-off that the previous eight weeks predict for this weekday.
	// +required
	ExpectedDropOff Ratio `json:"expectedDropOff,omitempty"`

	// expectedLow is the lower end of the range that contains the drop-off of 95 % of normal days like this one.
	// +required
	ExpectedLow Ratio `json:"expectedLow,omitempty"`

	// expectedHigh is the upper end of that range.
	// +required
	ExpectedHigh Ratio `json:"expectedHigh,omitempty"`

	// pValue is the probability that a normal day is at least as bad as this one. An anomaly is reported below 0.0001.
	// +required
	// +kubebuilder:validation:MaxLength=16
	PValue string `json:"pValue,omitempty"`

	// days is the number of days that the prediction uses.
	// +required
	Days int32 `json:"days"`
}

// ChannelCount counts customers by channel.
type ChannelCount struct {
	// channel of the event, or "other" for all but the 16 largest.
	// +required
	// +kubebuilder:validation:MaxLength=32
	Channel string `json:"channel,omitempty"`

	// entered is the number of customers who entered through this channel.
	// +required
	Entered int64 `json:"entered"`

	// converted is the number of those who continued.
	// +required
	Converted int64 `json:"converted"`
}

// DepthResult counts customers who reached at least so many stages.
type DepthResult struct {
	// stages is the number of distinct stages.
	// +required
	Stages int32 `json:"stages"`

	// customers who reached at least that many stages inside one window.
	// +required
	Customers int64 `json:"customers"`

	// dropOff is the share of them who reached no further stage.
	// +optional
	DropOff Ratio `json:"dropOff,omitempty"`
}

// PersonaResult counts the customers of one persona.
type PersonaResult struct {
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

	// conversion is converted divided by customers. It is absent when there are none.
	// +optional
	Conversion Ratio `json:"conversion,omitempty"`
}

// ProvisionalResult counts attempts whose window has not ended. entered = converted + inProgress.
type ProvisionalResult struct {
	// entered is the number of customers with an attempt that is not mature.
	// +required
	Entered int64 `json:"entered"`

	// inProgress is the number of those who have not converted yet.
	// +required
	InProgress int64 `json:"inProgress"`

	// converted is the number of those who have reached the last stage.
	// +required
	Converted int64 `json:"converted"`
}

// CoverageResult says how many of the customer events the map matches.
type CoverageResult struct {
	// matched is the number of customer events that match a touchpoint.
	// +required
	Matched int64 `json:"matched"`

	// unmatched is the number of customer events that match no touchpoint.
	// +required
	Unmatched int64 `json:"unmatched"`

	// ratio is matched divided by the sum of both. It is absent when there are no events.
	// +optional
	Ratio Ratio `json:"ratio,omitempty"`

	// topUnmatched are the most frequent events that match no touchpoint.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	TopUnmatched []EventCount `json:"topUnmatched,omitempty"`

	// since is the start of the time that was examined: the start of the analysed time, or the time of the oldest event of the map's sources.
	// It is absent when there are no events.
	// +optional
	Since *metav1.Time `json:"since,omitempty"`

	// silentTouchpoints are touchpoints, written stage/touchpoint, without any event although the data cover the lookback, or 30 days of it.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:items:MaxLength=81
	SilentTouchpoints []string `json:"silentTouchpoints,omitempty"`

	// silentCount is the number of all silent touchpoints.
	// +optional
	SilentCount int32 `json:"silentCount,omitempty"`

	// quietTouchpoints are touchpoints without any event, while the data do not reach back far enough to call them silent.
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
	// event is the name of the events.
	// +required
	// +kubebuilder:validation:MaxLength=128
	Event string `json:"event,omitempty"`

	// count of the events.
	// +required
	Count int64 `json:"count"`
}

// FreshnessResult says how current the map and its data were at the time of analysis.
type FreshnessResult struct {
	// reviewDue is when the next review is due: reviewEvery after the end of the day of the last one, or after the creation of the map.
	// +optional
	ReviewDue *metav1.Time `json:"reviewDue,omitempty"`

	// sources of the map at the time of the run, and how current each one was.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	Sources []SourceFreshness `json:"sources,omitempty"`
}

// SourceFreshness says how current the data of one source were.
type SourceFreshness struct {
	// name of the source.
	// +required
	Name LocalName `json:"name,omitempty"`

	// newestEventTime is the time of the newest event that was not ahead of its receipt. It is absent while there is none.
	// +optional
	NewestEventTime *metav1.Time `json:"newestEventTime,omitempty"`
}
