// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// NamedEvent names a set of events, for use in KPIs and tables.
type NamedEvent struct {
	// name of the events.
	// +required
	Name ItemName `json:"name,omitempty"`

	// match selects the events. An event must match one entry.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	Match []EventMatch `json:"match,omitempty"`
}

// EventFilter is true when any of its conditions is true.
type EventFilter struct {
	// anyOf lists conditions. One of them must be true.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	AnyOf []EventCondition `json:"anyOf,omitempty"`
}

// PeriodUnit is the length of calendar periods, in the time zone of the analysis.
//
// +kubebuilder:validation:Enum=Hour;Day;Week;Month
type PeriodUnit string

const (
	// HourPeriod is one hour.
	HourPeriod PeriodUnit = "Hour"
	// DayPeriod is one calendar day.
	DayPeriod PeriodUnit = "Day"
	// WeekPeriod is one calendar week, from weekStart on.
	WeekPeriod PeriodUnit = "Week"
	// MonthPeriod is one calendar month.
	MonthPeriod PeriodUnit = "Month"
)

// Table is a union of the results with more than one number.
//
// +kubebuilder:validation:XValidation:rule="[has(self.stickiness), has(self.paths), has(self.retention), has(self.lifecycle), has(self.conditionRetention), has(self.rfm), has(self.lifetimeValue), has(self.funnel), has(self.trend), has(self.timeToConvert), has(self.attribution), has(self.experiment), has(self.transitions), has(self.drivers)].filter(x, x).size() == 1",message="set exactly one kind of table"
type Table struct {
	// name of the table.
	// +required
	Name ItemName `json:"name,omitempty"`

	// stickiness counts customers by the number of periods in which they were active.
	// +optional
	Stickiness *StickinessTable `json:"stickiness,omitempty"`

	// paths counts the sequences of events, by position in a session.
	// +optional
	Paths *PathsTable `json:"paths,omitempty"`

	// attribution credits conversions, or their revenue, to the channels, touchpoints or campaigns before them.
	// +optional
	Attribution *AttributionTable `json:"attribution,omitempty"`

	// transitions counts the steps from one stage, touchpoint, channel or event to the next, with entries and exits.
	// +optional
	Transitions *TransitionsTable `json:"transitions,omitempty"`

	// drivers shows what is associated with conversion, by odds ratio.
	// +optional
	Drivers *DriversTable `json:"drivers,omitempty"`

	// retention shows how many customers of each cohort came back in which period.
	// +optional
	Retention *RetentionTable `json:"retention,omitempty"`

	// lifecycle counts new, returning, resurrecting and dormant customers by period.
	// +optional
	Lifecycle *LifecycleTable `json:"lifecycle,omitempty"`

	// conditionRetention counts the customers who met a first condition, and of these who met each of the others.
	// +optional
	ConditionRetention *ConditionRetentionTable `json:"conditionRetention,omitempty"`

	// rfm counts the customers to date by segments of recency, frequency and monetary value.
	// +optional
	RFM *OrdersMeasure `json:"rfm,omitempty"`

	// lifetimeValue predicts the orders of the customers to date, and their value.
	// +optional
	LifetimeValue *LifetimeValueTable `json:"lifetimeValue,omitempty"`

	// funnel is the funnel of the stages.
	// +optional
	Funnel *FunnelTable `json:"funnel,omitempty"`

	// trend counts entries and conversions by the calendar period of the entry.
	// +optional
	Trend *TrendTable `json:"trend,omitempty"`

	// timeToConvert is the distribution of the time from one stage to another.
	// +optional
	TimeToConvert *TimeToConvertTable `json:"timeToConvert,omitempty"`

	// experiment compares the conversion of variants with that of a control.
	// +optional
	Experiment *ExperimentTable `json:"experiment,omitempty"`
}

// StickinessTable selects the events that are activity.
type StickinessTable struct {
	// event names the activity, an entry of spec.events. Default: any event.
	// +optional
	Event ItemName `json:"event,omitempty"`

	// period in which activity is counted.
	// +required
	Period PeriodUnit `json:"period,omitempty"`

	// cumulative counts customers active in at least so many periods, instead of exactly so many.
	// +optional
	Cumulative bool `json:"cumulative,omitempty"`
}

// TableResult is a computed table.
type TableResult struct {
	// name of the table.
	// +required
	Name ItemName `json:"name,omitempty"`

	// basis says what the rows are computed from, and over which time: "events from 2026-10-31T12:00:00Z to 2026-11-30T12:00:00Z".
	// +optional
	// +kubebuilder:validation:MaxLength=128
	Basis string `json:"basis,omitempty"`

	// columns name the values of a row.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	Columns []TableColumn `json:"columns,omitempty"`

	// rows of the table. Long tables are truncated.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	Rows []TableRow `json:"rows,omitempty"`

	// samples is the number of customers or events behind the table.
	// +required
	Samples int64 `json:"samples"`

	// leftOut is the number of rows or events that the table leaves out.
	// +optional
	LeftOut int64 `json:"leftOut,omitempty"`

	// note explains what the table leaves out, such as orders without an amount.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	Note string `json:"note,omitempty"`
}

// TableColumn is one column of a table.
type TableColumn struct {
	// name of the column.
	// +required
	// +kubebuilder:validation:MaxLength=64
	Name string `json:"name,omitempty"`

	// unit of the values: ratio, count, points, seconds, text, time, or a currency.
	// +optional
	// +kubebuilder:validation:MaxLength=16
	Unit string `json:"unit,omitempty"`
}

// TableRow is one row of a table.
type TableRow struct {
	// values in the order of the columns. An empty text means no value.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=128
	Values []string `json:"values"`

	// provisional is true for a row that can still change, because its time has not ended.
	// +optional
	Provisional bool `json:"provisional,omitempty"`

	// provisionalFrom is the number of the first value that can still change, from 0. Default: the whole row.
	// +optional
	ProvisionalFrom int32 `json:"provisionalFrom,omitempty"`
}
