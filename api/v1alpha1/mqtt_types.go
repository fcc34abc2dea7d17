// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// MQTTTransport subscribes to topics of a broker with MQTT 5.
type MQTTTransport struct {
	// brokers to connect to, as host:port. The pods use the first one that answers.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Brokers []BrokerAddress `json:"brokers,omitempty"`

	// topics to read, with the wildcards + and #.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	Topics []MQTTTopic `json:"topics,omitempty"`

	// clientID is the beginning of the pods' client ids, and the name of their shared subscription. Default: journeyman-NAMESPACE-NAME.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^[-_.a-zA-Z0-9]+$`
	ClientID string `json:"clientID,omitempty"`

	// qos is the highest quality of service of deliveries: 1 or 2. Default: 1.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=2
	QoS int32 `json:"qos,omitempty"`

	// sessionExpiry is how long the broker keeps the messages of a pod that is away. Default: 72h.
	// +optional
	SessionExpiry Duration `json:"sessionExpiry,omitempty"`

	// receiveMaximum is the number of messages that a broker may send to a pod before they are stored. Default: 2000.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	ReceiveMaximum int32 `json:"receiveMaximum,omitempty"`

	// format of the messages: JSON for the rules of "mapping"; CloudEvents, structured or binary; or Segment's messages, which need no rules. Default: JSON.
	// +optional
	Format MessageFormat `json:"format,omitempty"`

	// tls makes the pods connect by TLS. Default: without.
	// +optional
	TLS *ClientTLS `json:"tls,omitempty"`

	// auth authenticates the pods by user name and password. Default: by the certificate of tls, or not at all.
	// +optional
	Auth *PasswordAuth `json:"auth,omitempty"`
}

// MQTTTopic is a filter of topics: levels between slashes, where + is any level, and # at the end any further levels.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=255
// +kubebuilder:validation:Pattern=`^([^+#/\x00-\x1f]*|\+)(/([^+#/\x00-\x1f]*|\+))*(/#)?$|^#$`
// +kubebuilder:validation:XValidation:rule="!self.startsWith('$share/')",message="leave out $share/NAME/: the pods share their subscription by themselves"
type MQTTTopic string
