// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// AttributionTable sets what conversions are attributed to, and how.
//
// +kubebuilder:validation:XValidation:rule="(self.by == 'Property') == has(self.key)",message="set key for by: Property, and only for it"
// +kubebuilder:validation:XValidation:rule="!has(self.halfLife) || self.model == 'TimeDecay'",message="halfLife needs the model TimeDecay"
type AttributionTable struct {
	// touch names the events that are touches, an entry of spec.events. Events without a value of by are not touches. Default: any event.
	// +optional
	Touch ItemName `json:"touch,omitempty"`

	// conversion names the events that are conversions, an entry of spec.events.
	// +required
	Conversion ItemName `json:"conversion,omitempty"`

	// by selects what gets the credit: the Channel of a touch, its Touchpoint in the map, or a Property of it.
	// +required
	By CreditBy `json:"by,omitempty"`

	// key of the property, as in conditions: properties.campaign.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^((properties|traits|groups)\.\S([^\r\n\t]*\S)?|event|channel|source|sessionId|orderId|currency|amount|survey\.kind|survey\.score)$`
	Key string `json:"key,omitempty"`

	// model of attribution.
	// +required
	Model AttributionModel `json:"model,omitempty"`

	// halfLife of TimeDecay: a touch that is older by this time gets half the credit. Default: 7d.
	// +optional
	HalfLife Duration `json:"halfLife,omitempty"`

	// scope selects the touches that count: those of the Session of the conversion, by its sessionId, or all of the Customer. Default: Customer.
	// +optional
	Scope AttributionScope `json:"scope,omitempty"`

	// window before the conversion in which touches count. Default: unlimited; one day with Session.
	// +optional
	Window Duration `json:"window,omitempty"`

	// credit selects what is attributed: the number of Conversions, or their Revenue, the amounts in spec.currency. Default: Conversions.
	// +optional
	Credit AttributionCredit `json:"credit,omitempty"`
}

// CreditBy selects what gets credit.
//
// +kubebuilder:validation:Enum=Channel;Touchpoint;Property
type CreditBy string

// The choices of CreditBy.
const (
	CreditChannel    CreditBy = "Channel"
	CreditTouchpoint CreditBy = "Touchpoint"
	CreditProperty   CreditBy = "Property"
)

// AttributionModel distributes the credit for a conversion over the touches before it.
//
// +kubebuilder:validation:Enum=FirstTouch;LastTouch;Linear;UShaped;JShaped;InverseJ;TimeDecay;Participation;SameTouch;Markov;Shapley
type AttributionModel string

// The choices of AttributionModel.
const (
	FirstTouch    AttributionModel = "FirstTouch"
	LastTouch     AttributionModel = "LastTouch"
	Linear        AttributionModel = "Linear"
	UShaped       AttributionModel = "UShaped"
	JShaped       AttributionModel = "JShaped"
	InverseJ      AttributionModel = "InverseJ"
	TimeDecay     AttributionModel = "TimeDecay"
	Participation AttributionModel = "Participation"
	SameTouch     AttributionModel = "SameTouch"
	Markov        AttributionModel = "Markov"
	Shapley       AttributionModel = "Shapley"
)

// AttributionScope selects the touches before a conversion that count.
//
// +kubebuilder:validation:Enum=Session;Customer
type AttributionScope string

// The choices of AttributionScope.
const (
	SessionScope  AttributionScope = "Session"
	CustomerScope AttributionScope = "Customer"
)

// AttributionCredit selects what is attributed.
//
// +kubebuilder:validation:Enum=Conversions;Revenue
type AttributionCredit string

// The choices of AttributionCredit.
const (
	CreditedConversions AttributionCredit = "Conversions"
	CreditedRevenue     AttributionCredit = "Revenue"
)
