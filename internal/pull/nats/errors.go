// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package nats

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"

	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/journeyman-dev/journeyman/internal/pull"
)

// known are the errors that users can do something about.
var known = []struct {
	err     error
	reason  string
	message string
}{
	{client.ErrAuthorization, pull.Unauthorized, "the server refuses the pods: compare spec.transport.nats.auth, and its Secret, with the users of the server"},
	{client.ErrAuthExpired, pull.Unauthorized, "the credentials have expired: renew the Secret of spec.transport.nats.auth"},
	{client.ErrPermissionViolation, pull.Unauthorized, "the user may not read the stream: allow what docs/transports/nats.md lists"},
	{client.ErrSecureConnRequired, pull.Misconfigured, "the server requires TLS: set spec.transport.nats.tls"},
	{client.ErrSecureConnWanted, pull.Misconfigured, "the server does not offer TLS: remove spec.transport.nats.tls, or configure it there"},
	{jetstream.ErrStreamNotFound, pull.NotFound, "the stream spec.transport.nats.stream does not exist: create it, or correct its name"},
	{jetstream.ErrJetStreamNotEnabled, pull.Misconfigured, "the server has no JetStream: enable it there"},
	{jetstream.ErrJetStreamNotEnabledForAccount, pull.Misconfigured, "the account has no JetStream: enable it there"},
	{client.ErrNoResponders, pull.Misconfigured, "nothing answers for JetStream: enable it on the server, for the account of spec.transport.nats.auth"},
	{jetstream.ErrConsumerDeleted, pull.NotFound, "the consumer was deleted; it is created again"},
	{jetstream.ErrConsumerMultipleFilterSubjectsNotSupported, pull.Misconfigured, "the server reads one subject: set one in spec.transport.nats.subjects"},
	{jetstream.ErrOverlappingFilterSubjects, pull.Misconfigured, "the subjects of spec.transport.nats.subjects overlap: remove one"},
	{jetstream.ErrNotPullConsumer, pull.Misconfigured, "the consumer is a push consumer: set another spec.transport.nats.consumer"},
	{jetstream.ErrNoHeartbeat, pull.Unreachable, "the server does not answer any more"},
	{client.ErrNoServers, pull.Unreachable, "no server can be reached: check spec.transport.nats.servers, TLS, and the network policies between them"},
	{client.ErrConnectionClosed, pull.Unreachable, "the connection to the server was lost"},
	{client.ErrTimeout, pull.Unreachable, "the server does not answer: check spec.transport.nats.servers, TLS, and the permissions of the user"},
	{context.DeadlineExceeded, pull.Unreachable, "the server does not answer: check spec.transport.nats.servers, TLS, and the permissions of the user"},
}

// explained returns an error in the words of users.
func explained(err error) error {
	var own *pull.Error
	if err == nil || errors.As(err, &own) || errors.Is(err, context.Canceled) {
		return err
	}
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &certificate) {
		return &pull.Error{
			Reason: pull.Misconfigured, Cause: err,
			Message: "the certificate of the server is not valid: set the authority in spec.transport.nats.tls, or the name in tls.serverName",
		}
	}
	for _, k := range known {
		if errors.Is(err, k.err) {
			return &pull.Error{Reason: k.reason, Message: k.message, Cause: err}
		}
	}
	var network net.Error
	if errors.As(err, &network) {
		return &pull.Error{
			Reason: pull.Unreachable, Cause: err,
			Message: "no server can be reached: check spec.transport.nats.servers, TLS, and the network policies between them",
		}
	}
	return &pull.Error{Reason: pull.Failed, Message: "NATS: " + err.Error(), Cause: err}
}

// lost is why the connection has ended.
func (r *reader) lost() error {
	if err := r.conn.LastError(); err != nil {
		return err
	}
	return client.ErrConnectionClosed
}

// absent reports whether there is no consumer with the name.
func absent(err error) bool {
	return errors.Is(err, jetstream.ErrConsumerNotFound) || errors.Is(err, jetstream.ErrConsumerDoesNotExist)
}

// fits refuses a consumer with which messages would be lost, or others read.
func (r *reader) fits(info *jetstream.ConsumerInfo) error {
	c := &info.Config
	has := c.FilterSubjects
	if c.FilterSubject != "" {
		has = []string{c.FilterSubject}
	}
	var problem string
	switch {
	case c.AckPolicy != jetstream.AckExplicitPolicy:
		problem = "does not acknowledge messages one by one; make it with the policy explicit"
	case c.MaxDeliver > 0:
		problem = fmt.Sprintf("gives up after %d deliveries, so that messages would be lost; make it with max_deliver -1", c.MaxDeliver)
	case !same(has, r.subjects()):
		problem = "reads other subjects than spec.transport.nats.subjects; delete it, or set another spec.transport.nats.consumer"
	default:
		return nil
	}
	return &pull.Error{Reason: pull.Misconfigured, Message: fmt.Sprintf("the consumer %s %s", c.Durable, problem)}
}

// same compares lists regardless of their order. A consumer for all subjects has none.
func same(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}
