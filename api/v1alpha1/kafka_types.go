// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// KafkaTransport reads topics of Apache Kafka, or of a broker that speaks its protocol.
//
// +kubebuilder:validation:XValidation:rule="!has(self.start) || !has(self.startTime)",message="set at most one of start and startTime"
type KafkaTransport struct {
	// brokers are the first brokers to connect to, as host:port. The pods learn the others from them.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Brokers []BrokerAddress `json:"brokers,omitempty"`

	// topics to read.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	Topics []KafkaTopic `json:"topics,omitempty"`

	// consumerGroup that the pods join, to divide the partitions between them. Two sources must not have the same group. The group's offsets follow those
	// in the store, for tools that show lag. Default: journeyman.NAMESPACE.NAME.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=200
	// +kubebuilder:validation:Pattern=`^[-._a-zA-Z0-9]+$`
	ConsumerGroup string `json:"consumerGroup,omitempty"`

	// format of the values: JSON for the rules of "mapping"; CloudEvents, structured or binary; or Segment's messages, which need no rules. Default: JSON.
	// +optional
	Format MessageFormat `json:"format,omitempty"`

	// tls makes the pods connect by TLS. Default: without.
	// +optional
	TLS *ClientTLS `json:"tls,omitempty"`

	// sasl authenticates the pods. Default: by the certificate of tls, or not at all.
	// +optional
	SASL *KafkaSASL `json:"sasl,omitempty"`

	// start is where to begin in a partition that was never read: Earliest or Latest. Partitions that are added later are always read from their
	// beginning. Default: Earliest.
	// +optional
	Start KafkaStart `json:"start,omitempty"`

	// startTime begins with the first message of a partition at or after the time, by the timestamps of messages. Default: see start.
	// +optional
	StartTime *metav1.Time `json:"startTime,omitempty"`
}

// BrokerAddress is the address of a broker: host:port.
//
// +kubebuilder:validation:MinLength=3
// +kubebuilder:validation:MaxLength=259
// +kubebuilder:validation:Pattern=`^(\[[0-9a-fA-F:]+\]|[a-zA-Z0-9]([-.a-zA-Z0-9]*[a-zA-Z0-9])?):[1-9][0-9]{0,4}$`
// +kubebuilder:validation:XValidation:rule="int(self.substring(self.lastIndexOf(':') + 1)) <= 65535",message="the port must be at most 65535"
type BrokerAddress string

// KafkaTopic is the name of a topic.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=249
// +kubebuilder:validation:Pattern=`^[-._a-zA-Z0-9]+$`
type KafkaTopic string

// KafkaStart is where to begin.
//
// +kubebuilder:validation:Enum=Earliest;Latest
type KafkaStart string

// Values of start.
const (
	// KafkaEarliest begins with the oldest message that the broker has.
	KafkaEarliest KafkaStart = "Earliest"
	// KafkaLatest begins with the next message.
	KafkaLatest KafkaStart = "Latest"
)

// KafkaSASL authenticates by user name and password.
type KafkaSASL struct {
	// mechanism of SASL. PLAIN sends the password, and needs tls to keep it secret. SCRAM-SHA-256 and SCRAM-SHA-512 do not send it.
	// +required
	Mechanism KafkaMechanism `json:"mechanism,omitempty"`

	// username of the pods at the brokers.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Username string `json:"username,omitempty"`

	// passwordSecretRef refers to the password. Only the first line is used. The pods use a new password without a restart.
	// +required
	PasswordSecretRef SecretKeyReference `json:"passwordSecretRef,omitzero"`
}

// KafkaMechanism is a mechanism of SASL.
//
// +kubebuilder:validation:Enum=PLAIN;SCRAM-SHA-256;SCRAM-SHA-512
type KafkaMechanism string

// Values of mechanism.
const (
	// KafkaPlain sends the password.
	KafkaPlain KafkaMechanism = "PLAIN"
	// KafkaSCRAM256 is SCRAM with SHA-256.
	KafkaSCRAM256 KafkaMechanism = "SCRAM-SHA-256"
	// KafkaSCRAM512 is SCRAM with SHA-512.
	KafkaSCRAM512 KafkaMechanism = "SCRAM-SHA-512"
)
