// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
)

// Duration is a whole number with one unit: s, m, h, d (24 h) or w (7 d). Example: "14d". The maximum is 99999 of a unit, or 9999 weeks.
//
// +kubebuilder:validation:Pattern=`^([1-9][0-9]{0,4}[smhd]|[1-9][0-9]{0,3}w)$`
// +kubebuilder:validation:MaxLength=6
type Duration string

var durationUnits = map[byte]time.Duration{
	's': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour,
}

// Parse returns the length of the duration. An empty one is zero.
func (d Duration) Parse() (time.Duration, error) {
	if d == "" {
		return 0, nil
	}
	unit, ok := durationUnits[d[len(d)-1]]
	n, err := strconv.Atoi(string(d[:len(d)-1]))
	if !ok || err != nil || n <= 0 || n > 99999 {
		return 0, fmt.Errorf("duration %q: write a whole number from 1 to 99999 and one of s, m, h, d, w, such as 14d", string(d))
	}
	return time.Duration(n) * unit, nil
}

// Or is Parse for a duration that the API server has validated. It returns the fallback for an empty or invalid one.
func (d Duration) Or(fallback time.Duration) time.Duration {
	if v, err := d.Parse(); err == nil && v > 0 {
		return v
	}
	return fallback
}

// Ratio is a decimal number from 0 to 1 written as a string. Example: "0.6".
//
// +kubebuilder:validation:Pattern=`^(0(\.[0-9]{1,6})?|1(\.0{1,6})?)$`
// +kubebuilder:validation:MaxLength=8
type Ratio string

// Decimal is a signed decimal number written as a string. Example: "40" or "-12.5".
//
// +kubebuilder:validation:Pattern=`^-?[0-9]{1,12}(\.[0-9]{1,6})?$`
// +kubebuilder:validation:MaxLength=20
type Decimal string

// ResultValue is a signed decimal number of a result, written as a string. It can have more digits than a Decimal, because results include sums.
// Example: "-12.50".
//
// +kubebuilder:validation:Pattern=`^-?[0-9]{1,18}(\.[0-9]{1,6})?$`
// +kubebuilder:validation:MaxLength=26
type ResultValue string

// Date is a calendar date, YYYY-MM-DD.
//
// +kubebuilder:validation:Format=date
// +kubebuilder:validation:Pattern=`^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`
// +kubebuilder:validation:MaxLength=10
type Date string

// Channel is where a touchpoint happens, for example web, email, store or support.
//
// +kubebuilder:validation:Pattern=`^[a-z][a-z0-9-]{0,31}$`
// +kubebuilder:validation:MaxLength=32
type Channel string

// LocalName is the name of an object in the same namespace: at most 40 characters, a DNS label that starts with a letter.
//
// +kubebuilder:validation:Pattern=`^[a-z]([-a-z0-9]*[a-z0-9])?$`
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=40
type LocalName string

// ItemName names an entry of a list in a spec, such as a stage or a KPI. A DNS label.
//
// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=40
type ItemName string

// LocalReference names an object of a known kind in the same namespace.
type LocalReference struct {
	// name of the object, in the same namespace.
	// +required
	Name LocalName `json:"name,omitempty"`
}

// SecretReference names a whole Secret in the same namespace.
type SecretReference struct {
	// name of the Secret, in the same namespace.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$`
	Name string `json:"name,omitempty"`
}

// SecretKeyReference names one key of a Secret in the same namespace. The key must start with "journeyman-". Anybody who can write this object can
// make a pod read the key. The prefix limits this to keys that are named for this purpose.
type SecretKeyReference struct {
	// name of the Secret, in the same namespace.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$`
	Name string `json:"name,omitempty"`

	// key in the Secret's data; starts with "journeyman-". Default: journeyman-secret. To rotate it, add lines: the current one is first.
	// +optional
	// +kubebuilder:validation:MinLength=12
	// +kubebuilder:validation:MaxLength=100
	// +kubebuilder:validation:Pattern=`^journeyman-[-._a-zA-Z0-9]+$`
	Key string `json:"key,omitempty"`
}

// Default keys in Secrets: of the secret that verifies senders, and of the pepper.
const (
	DefaultSecretKey = "journeyman-secret"
	DefaultPepperKey = "journeyman-pepper"
)

// KeyOr returns the key in the Secret's data, or the fallback if it is not set.
func (r *SecretKeyReference) KeyOr(fallback string) string { return cmp.Or(r.Key, fallback) }

// ConditionOperator compares the value of a key with the listed values.
//
// +kubebuilder:validation:Enum=In;NotIn;Exists;DoesNotExist;GreaterThan;GreaterOrEqual;LessThan;LessOrEqual;Contains;NotContains;StartsWith;MatchesRegex;MatchesWildcard
type ConditionOperator string

const (
	// In holds when the value equals one of the listed values.
	In ConditionOperator = "In"
	// NotIn holds when the value is missing or equals none of the listed values.
	NotIn ConditionOperator = "NotIn"
	// Exists holds when the key has a value.
	Exists ConditionOperator = "Exists"
	// DoesNotExist holds when the key has no value.
	DoesNotExist ConditionOperator = "DoesNotExist"
	// GreaterThan holds when the value is a number greater than the one listed.
	GreaterThan ConditionOperator = "GreaterThan"
	// GreaterOrEqual holds when the value is a number, the one listed or greater.
	GreaterOrEqual ConditionOperator = "GreaterOrEqual"
	// LessThan holds when the value is a number less than the one listed.
	LessThan ConditionOperator = "LessThan"
	// LessOrEqual holds when the value is a number, the one listed or less.
	LessOrEqual ConditionOperator = "LessOrEqual"
	// Contains holds when the value contains one of the listed texts, regardless of case.
	Contains ConditionOperator = "Contains"
	// NotContains holds when the value is missing or contains none of the listed texts, regardless of case.
	NotContains ConditionOperator = "NotContains"
	// StartsWith holds when the value starts with one of the listed texts.
	StartsWith ConditionOperator = "StartsWith"
	// MatchesRegex holds when one of the listed regular expressions (RE2) matches some part of the value.
	MatchesRegex ConditionOperator = "MatchesRegex"
	// MatchesWildcard holds when the whole value is of one of the listed forms: ** stands for any text, * for any text without a slash.
	MatchesWildcard ConditionOperator = "MatchesWildcard"
)

// EventCondition is one test on an event. Values compare as text, so 1 equals "1".
//
// +kubebuilder:validation:XValidation:rule="self.operator in ['Exists', 'DoesNotExist'] ? !has(self.values) || size(self.values) == 0 : has(self.values) && size(self.values) > 0",message="set values, except for Exists and DoesNotExist"
// +kubebuilder:validation:XValidation:rule="!(self.operator in ['GreaterThan', 'GreaterOrEqual', 'LessThan', 'LessOrEqual']) || (has(self.values) && size(self.values) == 1)",message="GreaterThan, GreaterOrEqual, LessThan and LessOrEqual take exactly one value"
type EventCondition struct {
	// key of the value to test: properties.NAME, traits.NAME, groups.NAME, or one of event, channel, source,
	// sessionId, orderId, currency, amount, survey.kind, survey.score. Nested properties are reached with dots.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^((properties|traits|groups)\.\S([^\r\n\t]*\S)?|event|channel|source|sessionId|orderId|currency|amount|survey\.kind|survey\.score)$`
	Key string `json:"key,omitempty"`

	// operator that compares the value with values.
	// +required
	Operator ConditionOperator `json:"operator,omitempty"`

	// values to compare with, as text.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MaxLength=256
	Values []string `json:"values,omitempty"`
}

// EventMatch selects events by their name and by conditions. All of them must be true.
type EventMatch struct {
	// event is the exact name of the event, as in Segment's specs: "Order Completed". Default: any event.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Event string `json:"event,omitempty"`

	// where lists conditions on the event. All of them must be true.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=8
	Where []EventCondition `json:"where,omitempty"`
}

// PodOptions are the settings for the pods of an object. It is deliberately not a pod template.
type PodOptions struct {
	// resources of the main container. Default: small requests and a memory limit.
	// +optional
	Resources *PodResources `json:"resources,omitempty"`

	// nodeSelector restricts the nodes that the pods may run on.
	// +optional
	// +kubebuilder:validation:MaxProperties=16
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) <= 317 && size(self[k]) <= 63)",message="nodeSelector must be labels, with keys of at most 317 and values of at most 63 characters"
	NodeSelector map[string]string `json:"nodeSelector,omitempty"`

	// tolerations of the pods.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	Tolerations []Toleration `json:"tolerations,omitempty"`

	// priorityClassName of the pods.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	PriorityClassName string `json:"priorityClassName,omitempty"`

	// imagePullSecrets names Secrets in the same namespace for pulling the image.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=8
	ImagePullSecrets []SecretReference `json:"imagePullSecrets,omitempty"`

	// labels added to the pods; they cannot replace the operator's own.
	// +optional
	// +kubebuilder:validation:MaxProperties=16
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) <= 317 && size(self[k]) <= 63)",message="labels must have keys of at most 317 and values of at most 63 characters"
	Labels map[string]string `json:"labels,omitempty"`

	// annotations added to the pods.
	// +optional
	// +kubebuilder:validation:MaxProperties=16
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) <= 317 && size(self[k]) <= 1024)",message="annotations must have keys of at most 317 and values of at most 1024 characters"
	Annotations map[string]string `json:"annotations,omitempty"`
}

// PodResources are the requests and limits of the main container.
type PodResources struct {
	// requests are the resources that the scheduler reserves.
	// +optional
	// +kubebuilder:validation:MaxProperties=4
	Requests map[string]resource.Quantity `json:"requests,omitempty"`

	// limits are the most resources that the container may use.
	// +optional
	// +kubebuilder:validation:MaxProperties=4
	Limits map[string]resource.Quantity `json:"limits,omitempty"`
}

// Toleration lets pods run on nodes with a matching taint, as in the core API.
type Toleration struct {
	// key of the taint. Default: any, with the operator Exists.
	// +optional
	// +kubebuilder:validation:MaxLength=316
	Key string `json:"key,omitempty"`

	// operator compares the value: Equal (default) or Exists.
	// +optional
	// +kubebuilder:validation:Enum=Equal;Exists
	Operator string `json:"operator,omitempty"`

	// value of the taint.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Value string `json:"value,omitempty"`

	// effect of the taint: NoSchedule, PreferNoSchedule or NoExecute. Default: any.
	// +optional
	// +kubebuilder:validation:Enum=NoSchedule;PreferNoSchedule;NoExecute
	Effect string `json:"effect,omitempty"`

	// tolerationSeconds is how long a NoExecute taint is tolerated. Default: forever.
	// +optional
	// +kubebuilder:validation:Minimum=0
	TolerationSeconds *int64 `json:"tolerationSeconds,omitempty"`
}
