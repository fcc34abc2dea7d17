// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package amqp

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"

	client "github.com/rabbitmq/amqp091-go"

	"github.com/journeyman-dev/journeyman/internal/pull"
)

const unreachable = "no broker can be reached: check spec.transport.amqp.brokers, TLS, and the network policies between them"

// known are the errors of brokers that users can do something about, by their code.
var known = map[int]struct{ reason, message string }{
	client.AccessRefused: {pull.Unauthorized, "the broker refuses the pods: compare spec.transport.amqp.auth, and its Secret, with its users, and allow the " +
		"user to read the queue"},
	client.NotAllowed: {pull.Unauthorized, "the broker does not let the user into the virtual host: compare spec.transport.amqp.virtualHost and the " +
		"permissions of the user, and the limits on connections"},
	client.NotFound:       {pull.NotFound, "the queue spec.transport.amqp.queue does not exist: create it, or correct its name"},
	client.ResourceLocked: {pull.Misconfigured, "the queue belongs to another connection (exclusive): set another spec.transport.amqp.queue"},
	client.NotImplemented: {pull.Misconfigured, "the broker does not offer this for the queue: use a quorum queue or a classic queue"},
	client.PreconditionFailed: {pull.Failed, "the broker ended the delivery: messages waited for the store for longer than its consumer_timeout, and are " +
		"delivered again"},
	client.ConnectionForced: {pull.Unreachable, "the broker was stopped, or has closed the connection"},
	client.ResourceError:    {pull.Unreachable, "the broker has not the resources to read the queue"},
	client.InternalError:    {pull.Unreachable, "the broker has an internal error: its log says more"},
}

// explained returns an error in the words of users.
func explained(err error) error {
	var own *pull.Error
	if err == nil || errors.As(err, &own) || errors.Is(err, context.Canceled) {
		return err
	}
	var certificate *tls.CertificateVerificationError
	var network net.Error
	var answer *client.Error
	e := &pull.Error{Reason: pull.Failed, Message: "AMQP: " + err.Error(), Cause: err}
	switch {
	case errors.As(err, &certificate):
		e.Reason = pull.Misconfigured
		e.Message = "the certificate of the broker is not valid: set the authority in spec.transport.amqp.tls, or the name in tls.serverName"
	case errors.Is(err, errNotAMQP):
		e.Reason, e.Message = pull.Misconfigured, "the address does not speak AMQP 0-9-1: correct spec.transport.amqp.brokers, or set tls if it wants TLS"
	case errors.Is(err, client.ErrSASL):
		e.Reason = pull.Misconfigured
		e.Message = "the broker does not offer the mechanism: PLAIN for spec.transport.amqp.auth, EXTERNAL for a certificate without it"
	case errors.Is(err, client.ErrCredentials):
		e.Reason, e.Message = pull.Unauthorized, known[client.AccessRefused].message
	case errors.Is(err, errTooMuch):
		e.Message = errTooMuch.Error()
	case errors.As(err, &answer) && answer.Server:
		if k, ok := known[answer.Code]; ok {
			e.Reason, e.Message = k.reason, k.message
		}
	case errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, client.ErrClosed),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, net.ErrClosed), answer != nil:
		e.Reason, e.Message = pull.Unreachable, unreachable
	}
	return e
}
