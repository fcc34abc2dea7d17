// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"net"

	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// known are the errors of brokers that users can do something about.
var known = []struct {
	err     error
	reason  string
	message string
}{
	{kerr.SaslAuthenticationFailed, pull.Unauthorized, "the brokers refuse user name or password: compare spec.transport.kafka.sasl with theirs, and its Secret"},
	{kerr.UnsupportedSaslMechanism, pull.Misconfigured, "the brokers do not offer this mechanism: change spec.transport.kafka.sasl.mechanism"},
	{kerr.TopicAuthorizationFailed, pull.Unauthorized, "the user may not read the topics: allow Read and Describe on spec.transport.kafka.topics"},
	{kerr.GroupAuthorizationFailed, pull.Unauthorized, "the user may not use the consumer group: allow Read on spec.transport.kafka.consumerGroup"},
	{kerr.UnknownTopicOrPartition, pull.NotFound, "a topic of spec.transport.kafka.topics does not exist: create it, or correct its name"},
	{kerr.UnknownTopicID, pull.NotFound, "a topic of spec.transport.kafka.topics was deleted"},
	{kerr.InvalidTopicException, pull.Misconfigured, "a topic of spec.transport.kafka.topics has an invalid name"},
	{kerr.FencedInstanceID, pull.Replaced, "another process with the name of this pod has joined the consumer group"},
	{kerr.InconsistentGroupProtocol, pull.Misconfigured, "other consumers use the consumer group: set another spec.transport.kafka.consumerGroup"},
	{store.ErrUnavailable, pull.StoreUnavailable, "the store is not available, so the positions are unknown; nothing is read"},
	{store.ErrUnauthorized, pull.StoreUnavailable, "the store does not know this source's key yet, so the positions are unknown; nothing is read"},
	{context.DeadlineExceeded, pull.Unreachable, "the brokers do not answer: check spec.transport.kafka.brokers, TLS, and the network policies between them"},
}

// explained returns an error in the words of users.
func explained(err error) error {
	var own *pull.Error
	if err == nil || errors.As(err, &own) {
		return err
	}
	for _, k := range known {
		if errors.Is(err, k.err) {
			return &pull.Error{Reason: k.reason, Message: k.message, Cause: err}
		}
	}
	var certificate *tls.CertificateVerificationError
	var network net.Error
	switch {
	case errors.As(err, &certificate):
		return &pull.Error{
			Reason: pull.Misconfigured, Cause: err,
			Message: "the certificate of the brokers is not valid: set the authority in spec.transport.kafka.tls, or the name in tls.serverName",
		}
	case errors.As(err, &network):
		return &pull.Error{
			Reason: pull.Unreachable, Cause: err,
			Message: "the brokers cannot be reached: check spec.transport.kafka.brokers, TLS, and the network policies between them",
		}
	}
	return &pull.Error{Reason: pull.Failed, Message: "Kafka: " + err.Error()}
}
