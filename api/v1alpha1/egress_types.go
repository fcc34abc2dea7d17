// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// SourceEgress lists to what the pods may connect for the source although it is not public: hosts in the cluster and in private networks. The operator
// has to permit the addresses, too. Addresses of loopback, of metadata services, of the pod and of the Service of the API server need an entry of their own
// in cidrs.
//
// +kubebuilder:validation:MinProperties=1
type SourceEgress struct {
	// cidrs are networks, such as 10.20.0.0/16, in which the hosts are.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MaxLength=43
	// +kubebuilder:validation:items:XValidation:rule="isCIDR(self)",message="cidrs must be networks, such as 10.0.0.0/8 or fd00::/8"
	CIDRs []string `json:"cidrs,omitempty"`

	// hosts are names whose private addresses are allowed, such as broker.shop.svc. *.example.com is every name below example.com.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=253
	// +kubebuilder:validation:items:Pattern=`^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`
	Hosts []string `json:"hosts,omitempty"`
}
