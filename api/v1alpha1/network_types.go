// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// SenderPeer is a group of pods, or a network. Labels have to be the same, all of them.
//
// +kubebuilder:validation:XValidation:rule="has(self.cidr) ? !has(self.namespaceLabels) && !has(self.podLabels) : has(self.namespaceLabels) || has(self.podLabels)",message="an entry has namespaceLabels, podLabels or both, or a cidr alone"
type SenderPeer struct {
	// namespaceLabels choose namespaces, such as kubernetes.io/metadata.name: ingress-nginx. Default: the namespace of the source.
	// +optional
	// +kubebuilder:validation:MinProperties=1
	// +kubebuilder:validation:MaxProperties=8
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) <= 317 && size(self[k]) <= 63)",message="labels have keys of at most 317 and values of at most 63 characters"
	NamespaceLabels map[string]string `json:"namespaceLabels,omitempty"`

	// podLabels choose pods in these namespaces. Default: all of them.
	// +optional
	// +kubebuilder:validation:MinProperties=1
	// +kubebuilder:validation:MaxProperties=8
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) <= 317 && size(self[k]) <= 63)",message="labels have keys of at most 317 and values of at most 63 characters"
	PodLabels map[string]string `json:"podLabels,omitempty"`

	// cidr is a network, such as 10.0.0.0/8, for senders that are no pods.
	// +optional
	// +kubebuilder:validation:MaxLength=43
	// +kubebuilder:validation:XValidation:rule="isCIDR(self)",message="cidr is a network, such as 10.0.0.0/8 or fd00::/8"
	CIDR string `json:"cidr,omitempty"`
}
