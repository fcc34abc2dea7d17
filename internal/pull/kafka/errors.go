// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

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
	for _, k := range kinds {
		if k.is(err) {
			return &pull.Error{Reason: k.reason, Message: k.message, Cause: err}
		}
	}
	return &pull.Error{Reason: pull.Failed, Message: "Kafka: " + err.Error()}
}

// kinds are errors of connections, from the most to the least special one.
var kinds = []struct {
	is      func(err error) bool
	reason  string
	message string
}{
	{
		is[*tls.CertificateVerificationError], pull.Misconfigured,
		"the certificate of the brokers is not valid: set the authority in spec.transport.kafka.tls, or the name in tls.serverName",
	},
	{
		certificateRefused, pull.Unauthorized,
		"the brokers refuse the connection without a certificate that they know: compare spec.transport.kafka.tls.certificateSecretRef with their authorities",
	},
	{
		plainToTLS, pull.Misconfigured,
		"the brokers use TLS on this port: set spec.transport.kafka.tls, or another port in spec.transport.kafka.brokers",
	},
	{
		is[*kgo.ErrFirstReadEOF], pull.Misconfigured,
		"the brokers close each connection at once: compare spec.transport.kafka.tls and spec.transport.kafka.sasl with what they use on this port",
	},
	{
		is[net.Error], pull.Unreachable,
		"the brokers cannot be reached: check spec.transport.kafka.brokers, TLS, and the network policies between them",
	},
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// certificateRefused reports whether the other side ended the handshake because of the certificate of this one.
func certificateRefused(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "remote error" && strings.Contains(op.Err.Error(), "certificate")
}

// plainToTLS recognises the alert of TLS in an answer. The client has no type for it.
func plainToTLS(err error) bool { return strings.Contains(err.Error(), "tls alert record") }
