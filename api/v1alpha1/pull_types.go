// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Pulls reports whether the transport receives no requests: it fetches its documents, or people import files. Its pods need no Service, and nobody can
// connect to them but scrapers.
func (t *Transport) Pulls() bool { return t.reading() != "" }

// reading returns the JSON name of the transport if it fetches its documents, or people import files; else an empty text.
func (t *Transport) reading() string {
	switch {
	case t.Kafka != nil:
		return "kafka"
	case t.NATS != nil:
		return "nats"
	case t.AMQP != nil:
		return "amqp"
	case t.MQTT != nil:
		return "mqtt"
	case t.Files != nil:
		return "files"
	case t.SQL != nil:
		return "sql"
	case t.REST != nil:
		return "rest"
	}
	return ""
}

// Waits reports whether the source reads nothing by itself: people import its files.
func (t *Transport) Waits() bool { return t.Files != nil && t.Files.From == nil }

// SharesLag reports whether all pods read one queue, so that each of them knows the lag of the whole.
func (t *Transport) SharesLag() bool { return t.NATS != nil || t.AMQP != nil }

// ClientTLS configures how the pods connect to a server by TLS.
//
// +kubebuilder:validation:XValidation:rule="!has(self.caSecretRef) || !has(self.caConfigMapRef)",message="set at most one of caSecretRef and caConfigMapRef"
type ClientTLS struct {
	// caSecretRef refers to the certificates of the authorities that sign the server's certificate, in PEM. Default: the usual public authorities.
	// +optional
	CASecretRef *SecretKeyReference `json:"caSecretRef,omitempty"`

	// caConfigMapRef refers to the same in a ConfigMap.
	// +optional
	CAConfigMapRef *ConfigMapKeyReference `json:"caConfigMapRef,omitempty"`

	// certificateSecretRef names the Secret with the certificate that the pods present. Default: they present none.
	// +optional
	CertificateSecretRef *CertificateReference `json:"certificateSecretRef,omitempty"`

	// serverName is the name in the server's certificate, if it is not the host of the address. Default: the host.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[a-zA-Z0-9]([-.a-zA-Z0-9]*[a-zA-Z0-9])?$`
	ServerName string `json:"serverName,omitempty"`
}

// DefaultCAKey is the default key in a ConfigMap with certificates of authorities.
const DefaultCAKey = "ca.crt"

// ConfigMapKeyReference names one key of a ConfigMap in the same namespace.
type ConfigMapKeyReference struct {
	// name of the ConfigMap, in the same namespace.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$`
	Name string `json:"name,omitempty"`

	// key in the ConfigMap's data. Default: ca.crt.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=100
	// +kubebuilder:validation:Pattern=`^[-._a-zA-Z0-9]+$`
	Key string `json:"key,omitempty"`
}

// MessageFormat is the format of the messages of a broker.
//
// +kubebuilder:validation:Enum=JSON;CloudEvents;Segment
type MessageFormat string

// Values of format.
const (
	// MessagesJSON messages are objects for mapping rules.
	MessagesJSON MessageFormat = "JSON"
	// MessagesCloudEvents messages are CloudEvents.
	MessagesCloudEvents MessageFormat = "CloudEvents"
	// MessagesSegment messages are those of Segment's specs.
	MessagesSegment MessageFormat = "Segment"
)

// ReadingStatus is how far the pods of a source have read.
type ReadingStatus struct {
	// partitions that the pods read now: those of topics, files, or 1. A pod that was killed counts for up to 100 seconds, here and in lag.
	// +optional
	Partitions int32 `json:"partitions,omitempty"`

	// lag is the number of documents that the system has and that are not stored yet. It is absent if it is unknown for a pod.
	// +optional
	Lag *int64 `json:"lag,omitempty"`

	// watermark is the time up to which the events of all partitions with traffic were read: the earliest of their newest events.
	// +optional
	Watermark *metav1.Time `json:"watermark,omitempty"`

	// lastReadTime is when documents were last read. It stays when the pods are replaced.
	// +optional
	LastReadTime *metav1.Time `json:"lastReadTime,omitempty"`

	// caughtUpTime is when all pods last had nothing left to read. It is written together with other changes, so it is older for a source without
	// traffic: there, a lag of 0 says that all is read.
	// +optional
	CaughtUpTime *metav1.Time `json:"caughtUpTime,omitempty"`
}
