// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// MetricReportSpec lists KPIs over the customers of a map.
//
// +kubebuilder:validation:XValidation:rule="(has(self.kpis) && size(self.kpis) > 0) || (has(self.tables) && size(self.tables) > 0) || (has(self.breakdownBy) && size(self.breakdownBy) > 0)",message="a report needs at least one entry in kpis, tables or breakdownBy"
// +kubebuilder:validation:XValidation:rule="has(self.currency) || !has(self.tables) || !self.tables.exists(t, has(t.attribution) && has(t.attribution.credit) && t.attribution.credit == 'Revenue')",fieldPath=".currency",message="set currency, which credit: Revenue of an attribution table needs: amounts in other currencies are left out and counted"
// +kubebuilder:validation:XValidation:rule="has(self.currency) || !((has(self.kpis) && self.kpis.exists(k, has(k.measure.averageOrderValue) || has(k.measure.revenue) || has(k.measure.customerLifetimeValue) || (has(k.measure.value) && k.measure.value.key == 'amount'))) || (has(self.tables) && self.tables.exists(t, has(t.rfm) || has(t.lifetimeValue))))",fieldPath=".currency",message="set currency, which measures and tables of money need: amounts in other currencies are converted by rates, or left out and counted"
type MetricReportSpec struct {
	// journeyMapRef names the JourneyMap whose stages and sources the report uses.
	// +required
	JourneyMapRef LocalReference `json:"journeyMapRef,omitzero"`

	// analysis sets when the KPIs are computed, and over which period. Default of each field: that of the map, so that both are about the same
	// customers. every and schedule count as one field, and so do lookback and range. suspend is not taken from the map.
	// +optional
	Analysis *Analysis `json:"analysis,omitempty"`

	// countBy selects what is counted instead of persons. Default: the countBy of the map.
	// +optional
	CountBy *CountBy `json:"countBy,omitempty"`

	// compare adds the value of another period to each KPI, at equal age. Default: no comparison.
	// +optional
	Compare Comparison `json:"compare,omitempty"`

	// currency of amounts, ISO 4217. Amounts in other currencies are converted by rates, or left out and counted.
	// +optional
	// +kubebuilder:validation:Pattern=`^[A-Z]{3}$`
	// +kubebuilder:validation:MaxLength=3
	Currency string `json:"currency,omitempty"`

	// rates of other currencies.
	// +optional
	// +listType=map
	// +listMapKey=currency
	// +kubebuilder:validation:MaxItems=32
	Rates []CurrencyRate `json:"rates,omitempty"`

	// filters select events, in addition to the filters of the map. An event is used if it matches every entry. Default: all events.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=4
	Filters []EventFilter `json:"filters,omitempty"`

	// events give names to events, for use in kpis and tables.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=16
	Events []NamedEvent `json:"events,omitempty"`

	// kpis to compute.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=32
	KPIs []KPI `json:"kpis,omitempty"`

	// tables to compute: results with more than one number.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=16
	Tables []Table `json:"tables,omitempty"`

	// breakdownBy breaks the funnel, and the KPIs about attempts, down by values.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=4
	BreakdownBy []Breakdown `json:"breakdownBy,omitempty"`

	// pod sets resources and placement of the pods of the analysis jobs.
	// +optional
	Pod *PodOptions `json:"pod,omitempty"`
}

// Comparison selects the period that a KPI is compared with.
//
// +kubebuilder:validation:Enum=PreviousPeriod
type Comparison string

// PreviousPeriod compares with the preceding period of the same length, at equal age.
const PreviousPeriod Comparison = "PreviousPeriod"

// KPI is a number with a name and an optional target.
type KPI struct {
	// name of the KPI.
	// +required
	Name ItemName `json:"name,omitempty"`

	// measure selects what is computed. Set exactly one.
	// +required
	Measure Measure `json:"measure,omitzero"`

	// target that the value should meet.
	// +optional
	Target *Target `json:"target,omitempty"`
}

// Measure is a union of the numbers that a KPI can compute.
//
// +kubebuilder:validation:XValidation:rule="[has(self.conversionRate), has(self.dropOffRate), has(self.averageOrderValue), has(self.netPromoterScore), has(self.eventCount), has(self.ratio), has(self.revenue), has(self.repeatPurchaseRate), has(self.purchaseFrequency), has(self.churnRate), has(self.retentionRate), has(self.customerLifetimeValue), has(self.customerSatisfaction), has(self.customerEffortScore), has(self.value), has(self.timeBetween), has(self.share), has(self.bounceRate), has(self.exitRate)].filter(x, x).size() == 1",message="set exactly one measure"
type Measure struct {
	// conversionRate is the share of customers who reached one stage and then another inside the map's window.
	// +optional
	ConversionRate *ConversionRateMeasure `json:"conversionRate,omitempty"`

	// dropOffRate is the share of customers who drop off after a stage of the map.
	// +optional
	DropOffRate *DropOffRateMeasure `json:"dropOffRate,omitempty"`

	// averageOrderValue is revenue divided by the number of orders.
	// +optional
	AverageOrderValue *AverageOrderValueMeasure `json:"averageOrderValue,omitempty"`

	// netPromoterScore is the percentage of answers 9 and 10 minus the percentage of answers 0 to 6.
	// +optional
	NetPromoterScore *NetPromoterScoreMeasure `json:"netPromoterScore,omitempty"`

	// eventCount is the number of matching events.
	// +optional
	EventCount *EventCountMeasure `json:"eventCount,omitempty"`

	// ratio is the number of some events divided by the number of others.
	// +optional
	Ratio *RatioMeasure `json:"ratio,omitempty"`

	// revenue is the sum of order amounts after refunds.
	// +optional
	Revenue *OrdersMeasure `json:"revenue,omitempty"`

	// repeatPurchaseRate is the share of customers who ordered at least twice.
	// +optional
	RepeatPurchaseRate *BuyersMeasure `json:"repeatPurchaseRate,omitempty"`

	// purchaseFrequency is the number of orders per customer who ordered.
	// +optional
	PurchaseFrequency *OrdersMeasure `json:"purchaseFrequency,omitempty"`

	// churnRate is the share of the customers at risk who churned.
	// +optional
	ChurnRate *ChurnRateMeasure `json:"churnRate,omitempty"`

	// retentionRate is the share of the customers of the previous period who are still active.
	// +optional
	RetentionRate *ActivityMeasure `json:"retentionRate,omitempty"`

	// customerLifetimeValue is the revenue per customer to date.
	// +optional
	CustomerLifetimeValue *OrdersMeasure `json:"customerLifetimeValue,omitempty"`

	// customerSatisfaction is the share of satisfied answers (CSAT).
	// +optional
	CustomerSatisfaction *CustomerSatisfactionMeasure `json:"customerSatisfaction,omitempty"`

	// customerEffortScore is the mean answer on how easy it was (CES).
	// +optional
	CustomerEffortScore *CustomerEffortScoreMeasure `json:"customerEffortScore,omitempty"`

	// value is a statistic of a number that events carry.
	// +optional
	Value *ValueMeasure `json:"value,omitempty"`

	// timeBetween is a statistic of the time from one event to another.
	// +optional
	TimeBetween *TimeBetweenMeasure `json:"timeBetween,omitempty"`

	// share is the share of the customers with one event who also have another.
	// +optional
	Share *ShareMeasure `json:"share,omitempty"`

	// bounceRate is the share of sessions with a single event.
	// +optional
	BounceRate *BounceRateMeasure `json:"bounceRate,omitempty"`

	// exitRate is the share of the sessions with an event that end with it.
	// +optional
	ExitRate *ExitRateMeasure `json:"exitRate,omitempty"`
}

// ConversionRateMeasure names two stages.
//
// +kubebuilder:validation:XValidation:rule="self.from != self.to",message="from and to must be different stages"
type ConversionRateMeasure struct {
	// from is the stage whose customers are the denominator.
	// +required
	From ItemName `json:"from,omitempty"`

	// to is the stage whose customers are the numerator.
	// +required
	To ItemName `json:"to,omitempty"`
}

// DropOffRateMeasure names a stage.
type DropOffRateMeasure struct {
	// stage after which customers drop off.
	// +required
	Stage ItemName `json:"stage,omitempty"`
}

// AverageOrderValueMeasure selects the events that are orders.
type AverageOrderValueMeasure struct {
	// event names the orders, an entry of spec.events. Default: events called Order Completed.
	// +optional
	Event ItemName `json:"event,omitempty"`
}

// NetPromoterScoreMeasure selects the events that are answers.
type NetPromoterScoreMeasure struct {
	// event names the answers of the kind nps, an entry of spec.events. Default: events called Survey Responded.
	// +optional
	Event ItemName `json:"event,omitempty"`
}

// EventCountMeasure selects the events to count.
type EventCountMeasure struct {
	// event names the events to count, an entry of spec.events.
	// +required
	Event ItemName `json:"event,omitempty"`
}

// RatioMeasure divides one count of events by another.
type RatioMeasure struct {
	// numerator names the events of the numerator, an entry of spec.events.
	// +required
	Numerator ItemName `json:"numerator,omitempty"`

	// denominator names the events of the denominator, an entry of spec.events.
	// +required
	Denominator ItemName `json:"denominator,omitempty"`
}

// Target is the range in which a value should be.
//
// +kubebuilder:validation:XValidation:rule="has(self.atLeast) != has(self.atMost)",message="set exactly one of atLeast and atMost"
type Target struct {
	// atLeast is the lowest good value.
	// +optional
	AtLeast Decimal `json:"atLeast,omitempty"`

	// atMost is the highest good value.
	// +optional
	AtMost Decimal `json:"atMost,omitempty"`
}

// MetricReportStatus holds the results of the last run, and the conditions that the operator derives from them.
//
// It has the same two writers as JourneyMapStatus.
type MetricReportStatus struct {
	// conditions are Ready, Reconciling, Stalled, AnalysisCurrent, TargetsMet.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation of the spec that the conditions are about.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// kpis in the order of the spec.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	KPIs []KPIResult `json:"kpis,omitempty"`

	// tables in the order of the spec.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	Tables []TableResult `json:"tables,omitempty"`

	// breakdowns in the order of the spec.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=4
	Breakdowns []BreakdownResult `json:"breakdowns,omitempty"`

	// summary has the figures that kubectl get shows.
	// +optional
	Summary *ReportSummary `json:"summary,omitempty"`

	// trace records what the results were computed from, and by which run, for programs.
	// +optional
	Trace Trace `json:"trace,omitzero"`

	// truncated names the lists of results that are incomplete because the object is too large for the API server. The largest lists lose their oldest
	// or smallest entries.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=24
	Truncated []TruncatedList `json:"truncated,omitempty"`
}

// ReportSummary has the headline figures of a report.
type ReportSummary struct {
	// period that the numbers are about.
	// +optional
	Period *ResultPeriod `json:"period,omitempty"`

	// customers is the number of customers with a mature attempt.
	// +required
	Customers int64 `json:"customers"`

	// inProgress is the number of customers whose window has not ended and who have not converted yet. KPIs about attempts do not count them.
	// +required
	InProgress int64 `json:"inProgress"`

	// duplicates counts events that were received again. Each event counts once in the results. It is absent when there are none.
	// +optional
	Duplicates *DuplicatesResult `json:"duplicates,omitempty"`

	// previous is the period that the numbers are compared with, for compare: PreviousPeriod.
	// +optional
	Previous *ResultPeriod `json:"previous,omitempty"`

	// outside counts the customers who are in none of the numbers because they entered at another time. It is absent when there are certainly none.
	// +optional
	Outside *OutsideResult `json:"outside,omitempty"`

	// note explains why there are no numbers of mature attempts, how many customers are left out because they have too many events, and at which stage
	// no customer has an identity in common with an earlier stage.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	Note string `json:"note,omitempty"`

	// kpis is the number of KPIs that have a value, and of all KPIs: "5/6".
	// +optional
	// +kubebuilder:validation:MaxLength=16
	KPIs string `json:"kpis,omitempty"`

	// targets is the number of targets that are met, and of all targets: "2/3", and how many are unknown because the KPI has no value: "2/3 (1 unknown)".
	// +optional
	// +kubebuilder:validation:MaxLength=32
	Targets string `json:"targets,omitempty"`

	// worst is the KPI that misses its target by the largest margin, relative to the target; "none" when all targets are met.
	// +optional
	// +kubebuilder:validation:MaxLength=40
	Worst string `json:"worst,omitempty"`
}

// KPIResult is one computed number.
type KPIResult struct {
	// name of the KPI.
	// +required
	Name ItemName `json:"name,omitempty"`

	// value as a decimal number. It is absent when there are no data to compute it from.
	// +optional
	Value ResultValue `json:"value,omitempty"`

	// display is the value as people read it: "33.3%", "2 d 3 h", "45.00 EUR".
	// +optional
	// +kubebuilder:validation:MaxLength=48
	Display string `json:"display,omitempty"`

	// basis says what the value is computed from, and over which time: "entries from 2026-10-31T12:00:00Z to 2026-11-16T12:00:00Z".
	// +optional
	// +kubebuilder:validation:MaxLength=128
	Basis string `json:"basis,omitempty"`

	// unit of the value: ratio, count, points, seconds, number, or a currency.
	// +optional
	// +kubebuilder:validation:MaxLength=16
	Unit string `json:"unit,omitempty"`

	// interval is the 95 % confidence interval of the value.
	// +optional
	Interval *KPIInterval `json:"interval,omitempty"`

	// samples is the number of customers, orders, answers or events behind the value.
	// +required
	Samples int64 `json:"samples"`

	// note explains what the value leaves out, such as orders without an amount, why it has no interval, or why there is no value.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	Note string `json:"note,omitempty"`

	// leftOut is the number of events that could not be used, such as orders in another currency.
	// +optional
	LeftOut int64 `json:"leftOut,omitempty"`

	// previous is the value of the previous period.
	// +optional
	Previous ResultValue `json:"previous,omitempty"`

	// previousSamples is the number of samples behind previous.
	// +optional
	PreviousSamples int64 `json:"previousSamples,omitempty"`

	// change is value minus previous.
	// +optional
	Change ResultValue `json:"change,omitempty"`

	// target as people read it: "at least 0.25".
	// +optional
	// +kubebuilder:validation:MaxLength=40
	Target string `json:"target,omitempty"`

	// met is true when the value meets the target.
	// +optional
	Met *bool `json:"met,omitempty"`
}

// MetricReport computes KPIs over the customers of a JourneyMap.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=mr,categories=journey
// +kubebuilder:printcolumn:name="Map",type=string,JSONPath=`.spec.journeyMapRef.name`,description="The map that the KPIs are about"
// +kubebuilder:printcolumn:name="KPIs",type=string,JSONPath=`.status.summary.kpis`,description="KPIs with a value, of all"
// +kubebuilder:printcolumn:name="Targets",type=string,JSONPath=`.status.summary.targets`,description="Targets met, of all"
// +kubebuilder:printcolumn:name="Worst",type=string,JSONPath=`.status.summary.worst`,description="KPI that misses its target by the most"
// +kubebuilder:printcolumn:name="As-Of",type=string,JSONPath=`.status.summary.period.asOf`,description="The time of analysis of the numbers"
// +kubebuilder:printcolumn:name="Current",type=string,JSONPath=`.status.conditions[?(@.type=="AnalysisCurrent")].status`,description="Are the numbers of this spec, and recent?"
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`,description="Is the spec accepted and applied?"
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 40 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",message="metadata.name must have at most 40 characters, only lowercase letters, digits and '-', and start with a letter: the names of Services and Jobs are derived from it"
type MetricReport struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state.
	// +required
	Spec MetricReportSpec `json:"spec,omitzero"`

	// status is the observed state. The operator writes conditions and observedGeneration. The analysis job writes everything else.
	// +optional
	Status MetricReportStatus `json:"status,omitzero"`
}

// MetricReportList is a list of MetricReports.
//
// +kubebuilder:object:root=true
type MetricReportList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []MetricReport `json:"items"`
}
