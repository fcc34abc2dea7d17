// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// CurrencyRate is an exchange rate.
type CurrencyRate struct {
	// currency of the amounts, ISO 4217.
	// +required
	// +kubebuilder:validation:Pattern=`^[A-Z]{3}$`
	// +kubebuilder:validation:MaxLength=3
	Currency string `json:"currency,omitempty"`

	// rate is the value of one unit of it in the currency of the report.
	// +required
	Rate Decimal `json:"rate,omitempty"`
}

// EventRef is the name of an entry of spec.events.
//
// +kubebuilder:validation:MaxLength=40
type EventRef string

// OrdersMeasure selects the events that are orders.
type OrdersMeasure struct {
	// event names the orders. Default: Order Completed.
	// +optional
	Event EventRef `json:"event,omitempty"`
}

// SameDay sets how orders of a customer on the same calendar day are counted.
//
// +kubebuilder:validation:Enum=Apart;Together
type SameDay string

const (
	// Apart counts each order separately.
	Apart SameDay = "Apart"
	// Together counts the orders of one calendar day as one.
	Together SameDay = "Together"
)

// BuyersMeasure selects the events that are orders, and how they are counted.
type BuyersMeasure struct {
	// event names the orders. Default: Order Completed.
	// +optional
	Event EventRef `json:"event,omitempty"`

	// sameDay sets how orders of one calendar day are counted. Default: Apart.
	// +optional
	SameDay SameDay `json:"sameDay,omitempty"`
}

// ChurnRateMeasure sets when a customer has churned.
type ChurnRateMeasure struct {
	// event names the activity. Default: any event.
	// +optional
	Event EventRef `json:"event,omitempty"`

	// inactivity after which a customer has churned.
	// +required
	Inactivity Duration `json:"inactivity,omitempty"`
}

// ActivityMeasure selects the events that are activity.
type ActivityMeasure struct {
	// event names the activity. Default: any event.
	// +optional
	Event EventRef `json:"event,omitempty"`
}

// CustomerSatisfactionMeasure sets which answers count as satisfied.
type CustomerSatisfactionMeasure struct {
	// event names the answers of the kind csat. Default: Survey Responded.
	// +optional
	Event EventRef `json:"event,omitempty"`

	// scale is the highest possible answer. Default: 5.
	// +optional
	// +kubebuilder:validation:Minimum=2
	// +kubebuilder:validation:Maximum=100
	Scale int32 `json:"scale,omitempty"`

	// satisfiedFrom is the lowest answer that counts as satisfied. Default: scale minus one.
	// +optional
	// +kubebuilder:validation:Minimum=2
	// +kubebuilder:validation:Maximum=100
	SatisfiedFrom int32 `json:"satisfiedFrom,omitempty"`
}

// CustomerEffortScoreMeasure selects the events that are answers.
type CustomerEffortScoreMeasure struct {
	// event names the answers of the kind ces. Default: Survey Responded.
	// +optional
	Event EventRef `json:"event,omitempty"`

	// scale is the highest possible answer, which means least effort. Default: 7.
	// +optional
	// +kubebuilder:validation:Minimum=2
	// +kubebuilder:validation:Maximum=100
	Scale int32 `json:"scale,omitempty"`
}

// ValueMeasure is a statistic of a number that events carry.
type ValueMeasure struct {
	// event names the events. Default: any event.
	// +optional
	Event EventRef `json:"event,omitempty"`

	// key of the number, as in conditions: properties.NAME, amount, survey.score.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Key string `json:"key,omitempty"`

	// statistic to compute.
	// +required
	// +kubebuilder:validation:Enum=Sum;Mean;Median;P75;P90;P95;P99
	Statistic string `json:"statistic,omitempty"`
}

// TimeBetweenMeasure is a statistic of the time from one event to another.
type TimeBetweenMeasure struct {
	// from names the events at which the time starts.
	// +required
	From EventRef `json:"from,omitempty"`

	// to names the events at which the time ends.
	// +required
	To EventRef `json:"to,omitempty"`

	// key whose value both events must share, such as properties.ticketId. Default: only the customer.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	Key string `json:"key,omitempty"`

	// within is the longest time that counts. Longer times are left out and counted.
	// +required
	Within Duration `json:"within,omitempty"`

	// statistic to compute. Default: Median.
	// +optional
	// +kubebuilder:validation:Enum=Mean;Median;P75;P90;P95;P99
	Statistic string `json:"statistic,omitempty"`

	// countedAt selects the event that must be in the period: From or To. Default: From.
	// +optional
	// +kubebuilder:validation:Enum=From;To
	CountedAt string `json:"countedAt,omitempty"`
}

// ShareMeasure is the share of the customers with one event who also have another.
//
// +kubebuilder:validation:XValidation:rule="!has(self.of) || !has(self.event) || self.of != self.event",fieldPath=".event",message="event must name other events than of: otherwise the share is always 1"
type ShareMeasure struct {
	// of names the events of the denominator.
	// +required
	Of EventRef `json:"of,omitempty"`

	// event names the events of the numerator.
	// +required
	Event EventRef `json:"event,omitempty"`

	// key whose values are counted instead of customers, such as properties.messageId.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	Key string `json:"key,omitempty"`

	// within is the time after the first event of the denominator in which the other event must follow. Default: anywhere in the analysed time.
	// +optional
	Within Duration `json:"within,omitempty"`

	// without computes the share of those who do not have the other event.
	// +optional
	Without bool `json:"without,omitempty"`
}

// BounceRateMeasure sets what a session is.
type BounceRateMeasure struct {
	// event names the activity. Default: any event.
	// +optional
	Event EventRef `json:"event,omitempty"`

	// sessionGap is the time without activity that ends a session. Default: 30m.
	// +optional
	SessionGap Duration `json:"sessionGap,omitempty"`
}

// ExitRateMeasure selects the events that end sessions.
type ExitRateMeasure struct {
	// event names the events that sessions contain or end with.
	// +required
	Event EventRef `json:"event,omitempty"`

	// activity names the events that belong to a session. Default: any event.
	// +optional
	Activity EventRef `json:"activity,omitempty"`

	// sessionGap is the time without activity that ends a session. Default: 30m.
	// +optional
	SessionGap Duration `json:"sessionGap,omitempty"`
}

// KPIInterval is a 95 % confidence interval.
type KPIInterval struct {
	// low end.
	// +required
	Low ResultValue `json:"low,omitempty"`

	// high end.
	// +required
	High ResultValue `json:"high,omitempty"`

	// method is Wilson for shares, Student for means, Score for the net promoter score.
	// +required
	// +kubebuilder:validation:MaxLength=16
	Method string `json:"method,omitempty"`
}

// LifetimeValueTable selects the events that are orders, and the horizon of the prediction.
type LifetimeValueTable struct {
	// event names the orders. Default: Order Completed.
	// +optional
	Event EventRef `json:"event,omitempty"`

	// sameDay sets how orders of one calendar day are counted. Default: Together.
	// +optional
	SameDay SameDay `json:"sameDay,omitempty"`

	// months is the horizon of the prediction. Default: 12.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=120
	Months int32 `json:"months,omitempty"`

	// monthlyDiscountRate is the rate by which future orders are discounted. Default: "0".
	// +optional
	MonthlyDiscountRate Ratio `json:"monthlyDiscountRate,omitempty"`
}
