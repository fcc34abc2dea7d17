// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// SenderPeer is a set of pods, or a network. All labels must match.
//
// +kubebuilder:validation:XValidation:rule="has(self.cidr) ? !has(self.namespaceLabels) && !has(self.podLabels) : has(self.namespaceLabels) || has(self.podLabels)",message="an entry must have namespaceLabels, podLabels or both, or only a cidr"
type SenderPeer struct {
	// namespaceLabels select namespaces, such as kubernetes.io/metadata.name: ingress-nginx. Default: the namespace of the source.
	// +optional
	// +kubebuilder:validation:MinProperties=1
	// +kubebuilder:validation:MaxProperties=8
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) <= 317 && size(self[k]) <= 63)",message="labels must have keys of at most 317 and values of at most 63 characters"
	NamespaceLabels map[string]string `json:"namespaceLabels,omitempty"`

	// podLabels select pods in these namespaces. Default: all pods.
	// +optional
	// +kubebuilder:validation:MinProperties=1
	// +kubebuilder:validation:MaxProperties=8
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) <= 317 && size(self[k]) <= 63)",message="labels must have keys of at most 317 and values of at most 63 characters"
	PodLabels map[string]string `json:"podLabels,omitempty"`

	// cidr is a network, such as 10.0.0.0/8, for senders outside the cluster.
	// +optional
	// +kubebuilder:validation:MaxLength=43
	// +kubebuilder:validation:XValidation:rule="isCIDR(self)",message="cidr must be a network, such as 10.0.0.0/8 or fd00::/8"
	CIDR string `json:"cidr,omitempty"`
}

// SourceTLS configures the certificate of the pods.
type SourceTLS struct {
	// secretRef names the Secret with the certificate.
	// +required
	SecretRef CertificateReference `json:"secretRef,omitzero"`
}

// CertificateReference names a Secret of the type kubernetes.io/tls in the same namespace, as cert-manager creates them. Its name must start with
// "journeyman-". Anybody who can write this object can make a pod use the certificate. The prefix limits this to Secrets that are named for this
// purpose.
type CertificateReference struct {
	// name of the Secret, in the same namespace; starts with "journeyman-". It has the keys tls.crt and tls.key.
	// +required
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^journeyman-[a-z0-9]([-.a-z0-9]*[a-z0-9])?$`
	Name string `json:"name,omitempty"`
}
