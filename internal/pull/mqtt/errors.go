// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mqtt

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/eclipse/paho.golang/packets"

	"github.com/journeyman-dev/journeyman/internal/pull"
)

const unreachable = "no broker can be reached: check spec.transport.mqtt.brokers, TLS, and the network policies between them"

// refusal is a reason code of a broker.
type refusal struct {
	code byte
	// connecting is set for an answer to the first packet.
	connecting bool
	// topic is the filter of a subscription that is refused.
	topic string
}

// Error implements error.
func (r *refusal) Error() string {
	return fmt.Sprintf("the broker answers with the reason code 0x%02x", r.code)
}

// isTakenOver reports whether another client may have taken the client id: Mosquitto 2.0 only closes the connection then.
func isTakenOver(err error) bool {
	var r *refusal
	if errors.As(err, &r) {
		return !r.connecting && r.code == packets.DisconnectSessionTakenOver
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// known are the reason codes that users can do something about. Most are the same in all packets.
var known = map[byte]struct{ reason, message string }{
	packets.ConnackBadUsernameOrPassword: {pull.Unauthorized, "the broker refuses the user name or the password: compare spec.transport.mqtt.auth, and its " +
		"Secret, with its users"},
	packets.ConnackNotAuthorized: {pull.Unauthorized, "the broker does not admit the pods: compare spec.transport.mqtt.auth with its users, and allow the " +
		"client ids that begin with spec.transport.mqtt.clientID"},
	packets.ConnackBanned: {pull.Unauthorized, "the broker has banned the client"},
	packets.ConnackInvalidClientID: {pull.Misconfigured, "the broker does not accept the client id: set a shorter spec.transport.mqtt.clientID, of letters " +
		"and digits"},
	packets.ConnackUnsupportedProtocolVersion: {pull.Misconfigured, "the broker has no MQTT 5: use a newer one"},
	packets.ConnackBadAuthenticationMethod:    {pull.Misconfigured, "the broker wants another authentication than a password or a certificate"},
	packets.DisconnectSessionTakenOver: {pull.Replaced, "another pod has the client id now, and this one takes the next: if that does not end, another " +
		"program uses the same ids, and spec.transport.mqtt.clientID has to be another one"},
	packets.SubackTopicFilterinvalid: {pull.Misconfigured, "the broker does not accept a filter in spec.transport.mqtt.topics"},
	packets.SubackSharedSubscriptionnotsupported: {pull.Misconfigured, "the broker has no shared subscriptions: set spec.scaling.minReplicas to 1, or use " +
		"another broker"},
	packets.SubackWildcardsubscriptionsnotsupported: {pull.Misconfigured, "the broker has no wildcards: write spec.transport.mqtt.topics without + and #"},
	packets.DisconnectPacketTooLarge:                {pull.Misconfigured, "the broker finds a packet too large"},
	packets.DisconnectQuotaExceeded:                 {pull.Unreachable, "the broker has a quota, which is exceeded"},
}

// explained returns an error in the words of users.
func explained(err error) error {
	var own *pull.Error
	if err == nil || errors.As(err, &own) || errors.Is(err, context.Canceled) {
		return err
	}
	var certificate *tls.CertificateVerificationError
	var network net.Error
	var answer *refusal
	e := &pull.Error{Reason: pull.Failed, Message: "MQTT: " + err.Error(), Cause: err}
	switch {
	case errors.As(err, &answer):
		e.Reason, e.Message = answer.explained()
	case errors.As(err, &certificate):
		e.Reason = pull.Misconfigured
		e.Message = "the certificate of the broker is not valid: set the authority in spec.transport.mqtt.tls, or the name in tls.serverName"
	case errors.Is(err, errNotMQTT):
		e.Reason, e.Message = pull.Misconfigured, "the address does not speak MQTT 5: correct spec.transport.mqtt.brokers, or set tls if it wants TLS"
	case errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, net.ErrClosed), errors.Is(err, os.ErrDeadlineExceeded):
		e.Reason, e.Message = pull.Unreachable, unreachable
	}
	return e
}

func (r *refusal) explained() (reason, message string) {
	if r.topic != "" && r.code == packets.SubackNotauthorized {
		return pull.Unauthorized, fmt.Sprintf("the broker does not let the user subscribe to %q: allow it, with the shared subscription "+
			"$share/CLIENTID/TOPIC if there are several pods", r.topic)
	}
	if k, ok := known[r.code]; ok {
		return k.reason, k.message
	}
	return pull.Unreachable, r.Error() + ": its log says more"
}
