// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// NATSTransport reads a stream of NATS JetStream.
//
// +kubebuilder:validation:XValidation:rule="!has(self.start) || !has(self.startTime)",message="set at most one of start and startTime"
type NATSTransport struct {
	// servers to connect to, as host:port. The pods use the first one that answers.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Servers []BrokerAddress `json:"servers,omitempty"`

	// stream to read.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[-_a-zA-Z0-9]+$`
	Stream string `json:"stream,omitempty"`

	// subjects of the stream to read, with the wildcards * and >. More than one needs NATS 2.10. Default: all.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	Subjects []NATSSubject `json:"subjects,omitempty"`

	// consumer is the name of the durable consumer that the pods share. If the stream has none with this name, the pods create it. Two sources must not
	// have the same consumer. Default: journeyman_NAMESPACE_NAME.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[-_a-zA-Z0-9]+$`
	Consumer string `json:"consumer,omitempty"`

	// format of the messages: JSON for the rules of "mapping"; CloudEvents, structured or binary; or Segment's messages, which need no rules. Default: JSON.
	// +optional
	Format MessageFormat `json:"format,omitempty"`

	// tls makes the pods connect by TLS. Default: without, unless the server requires it.
	// +optional
	TLS *ClientTLS `json:"tls,omitempty"`

	// auth authenticates the pods. Default: by the certificate of tls, or not at all.
	// +optional
	Auth *NATSAuth `json:"auth,omitempty"`

	// start is where a new consumer begins: All or New messages. It does not apply to a consumer that exists. Default: All.
	// +optional
	Start NATSStart `json:"start,omitempty"`

	// startTime is the time from which a new consumer reads, by the time at which the stream stored a message. Default: see start.
	// +optional
	StartTime *metav1.Time `json:"startTime,omitempty"`
}

// NATSSubject is a subject of letters, digits and - _ $ :, with the wildcards * and >.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=255
// +kubebuilder:validation:Pattern=`^[-_$:a-zA-Z0-9*>]+(\.[-_$:a-zA-Z0-9*>]+)*$`
type NATSSubject string

// NATSStart is where a new consumer begins.
//
// +kubebuilder:validation:Enum=All;New
type NATSStart string

// Values of start.
const (
	// NATSAll begins with the oldest message that the stream has.
	NATSAll NATSStart = "All"
	// NATSNew begins with the next message.
	NATSNew NATSStart = "New"
)

// NATSAuth authenticates the pods. The pods use a new secret without a restart.
//
// +kubebuilder:validation:XValidation:rule="[has(self.credentialsSecretRef), has(self.tokenSecretRef), has(self.passwordSecretRef)].filter(x, x).size() == 1",message="set exactly one of credentialsSecretRef, tokenSecretRef and passwordSecretRef"
// +kubebuilder:validation:XValidation:rule="has(self.username) == has(self.passwordSecretRef)",message="username and passwordSecretRef belong together: set both or none"
type NATSAuth struct {
	// credentialsSecretRef refers to a credentials file (.creds), with a JWT and its key. Default: another way of this list.
	// +optional
	CredentialsSecretRef *SecretKeyReference `json:"credentialsSecretRef,omitempty"`

	// tokenSecretRef refers to a token. Only the first line is used. Default: another way of this list.
	// +optional
	TokenSecretRef *SecretKeyReference `json:"tokenSecretRef,omitempty"`

	// username of the pods, for passwordSecretRef. Default: none.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Username string `json:"username,omitempty"`

	// passwordSecretRef refers to the password of username. Only the first line is used. Default: another way of this list.
	// +optional
	PasswordSecretRef *SecretKeyReference `json:"passwordSecretRef,omitempty"`
}
