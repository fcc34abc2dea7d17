// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// PathsTable selects the items of paths, and the paths to count.
type PathsTable struct {
	// items set the name of an event on a path. The first rule whose event matches applies. Events that match no rule are
	// not on the path. Default: every event, by its name.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=8
	Items []PathItem `json:"items,omitempty"`

	// groupings are patterns in which * stands for any text. An item of which a part matches gets the name of the first pattern that matches.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=128
	Groupings []string `json:"groupings,omitempty"`

	// exclude lists items, after grouping, that are not on the path.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MaxLength=256
	Exclude []string `json:"exclude,omitempty"`

	// start is the item that paths start with: sessions count from its first occurrence on. Default: the first item of a session.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	Start string `json:"start,omitempty"`

	// end is the item that paths end with: sessions count up to its first occurrence. Alone it gives the last steps before
	// it; with start, the middle of a longer path is folded to "...".
	// +optional
	// +kubebuilder:validation:MaxLength=256
	End string `json:"end,omitempty"`

	// steps is the number of items of a path. Default: 5.
	// +optional
	// +kubebuilder:validation:Minimum=2
	// +kubebuilder:validation:Maximum=20
	Steps *int32 `json:"steps,omitempty"`

	// sessionGap is the time without an event that ends a session. Default: 30m.
	// +optional
	SessionGap Duration `json:"sessionGap,omitempty"`

	// edges is the number of edges that are shown, the largest ones. Default: 50.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	Edges *int32 `json:"edges,omitempty"`

	// minSessions leaves out edges of fewer sessions.
	// +optional
	// +kubebuilder:validation:Minimum=1
	MinSessions *int64 `json:"minSessions,omitempty"`

	// maxSessions leaves out edges of more sessions.
	// +optional
	// +kubebuilder:validation:Minimum=1
	MaxSessions *int64 `json:"maxSessions,omitempty"`
}

// PathItem is one rule of a paths table.
//
// +kubebuilder:validation:XValidation:rule="!has(self.leaveOut) || !self.leaveOut || !(has(self.key) || has(self.trimSlash))",message="leaveOut takes no key and no trimSlash: the events are not on the path"
type PathItem struct {
	// event names the events that the rule is for, an entry of spec.events. Default: any event.
	// +optional
	Event ItemName `json:"event,omitempty"`

	// key of the value that is the item, as in conditions: properties.url. Events without a value are not on the path.
	// Default: the name of the event.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^((properties|traits|groups)\.\S([^\r\n\t]*\S)?|event|channel|source|sessionId|orderId|currency|amount|survey\.kind|survey\.score)$`
	Key string `json:"key,omitempty"`

	// trimSlash drops a slash at the end of a longer item, so that /help/ is /help.
	// +optional
	TrimSlash *bool `json:"trimSlash,omitempty"`

	// leaveOut leaves these events out of the path.
	// +optional
	LeaveOut *bool `json:"leaveOut,omitempty"`
}
