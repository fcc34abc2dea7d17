// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// AMQPTransport reads a queue of RabbitMQ, or of another broker with AMQP 0-9-1.
//
// +kubebuilder:validation:XValidation:rule="has(self.auth) || has(self.tls) && has(self.tls.certificateSecretRef)",message="set auth, or tls.certificateSecretRef: brokers admit nobody without"
type AMQPTransport struct {
	// brokers to connect to, as host:port. The pods use the first one that answers.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Brokers []BrokerAddress `json:"brokers,omitempty"`

	// virtualHost of the queue. Default: /.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	VirtualHost string `json:"virtualHost,omitempty"`

	// queue to read, a quorum queue or a classic queue. It has to exist. Nobody else may read it: each message goes to one reader only.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	Queue string `json:"queue,omitempty"`

	// format of the messages: JSON for the rules of "mapping"; CloudEvents, structured or binary; or Segment's messages, which need no rules. Default: JSON.
	// +optional
	Format MessageFormat `json:"format,omitempty"`

	// tls makes the pods connect by TLS. Default: without.
	// +optional
	TLS *ClientTLS `json:"tls,omitempty"`

	// auth authenticates the pods by user name and password. Default: by the certificate of tls (the mechanism EXTERNAL).
	// +optional
	Auth *PasswordAuth `json:"auth,omitempty"`
}

// PasswordAuth authenticates the pods at a broker. The pods use a new password without a restart.
type PasswordAuth struct {
	// username of the pods at the broker.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Username string `json:"username,omitempty"`

	// passwordSecretRef refers to the password. Only the first line is used. Without tls, it is sent in plain text.
	// +required
	PasswordSecretRef SecretKeyReference `json:"passwordSecretRef,omitzero"`
}
