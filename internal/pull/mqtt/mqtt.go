// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package mqtt subscribes to topics of a broker with MQTT 5. The broker keeps the position, in the session of the pod's client id: a message is
// acknowledged after its events are stored, and delivered again otherwise.
package mqtt

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math"
	"net"
	"sync"
	"time"

	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho"
	"github.com/eclipse/paho.golang/paho/session/state"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/pull/message"
	"github.com/journeyman-dev/journeyman/internal/pull/secure"
)

// Kind is the entry in the registry.
var Kind = pull.Kind{Name: "mqtt", Open: (&seats{places: map[string]int{}}).open}

const (
	// patience limits the handshake with a broker, and each write.
	patience = 10 * time.Second
	// year is no limit.
	year = 365 * 24 * time.Hour
	// keepAlive is the interval at which a silent connection is tested.
	keepAlive = 20 * time.Second
	// defaultReceiveMaximum lets the next batch arrive while one is stored.
	defaultReceiveMaximum = 2000
	// defaultExpiry is a weekend, and a day to find out.
	defaultExpiry = 72 * time.Hour
)

// reader is one connection with the session of a client id.
type reader struct {
	pull.Settings
	spec   *v1alpha1.MQTTTransport
	decode *message.Decoder
	// id is the client id.
	id      string
	link    *link
	client  *paho.Client
	session *session
	inbox   *inbox
	// ahead are messages that arrived and did not fit into the last batch.
	ahead []*paho.Publish
	// foreign is set after a message for an earlier subscription was left out.
	foreign bool

	// ended is closed when no more messages arrive, because of the error why. taken is called before if another client may have taken the client id.
	ended chan struct{}
	once  sync.Once
	why   error
	taken func()
}

// session acknowledges messages when they are stored, and not when they arrive.
type session struct{ *state.State }

// Ack implements the client's interface. The client calls it when a message has arrived.
func (session) Ack(*packets.Publish) error { return nil }

// open connects, and begins to subscribe. Read returns why a subscription is refused: if there is a session already, its messages arrive first, and can
// be more than fit into memory.
func open(ctx context.Context, s pull.Settings, seat int, taken func()) (pull.Reader, error) {
	r := &reader{Settings: s, spec: s.Spec.Transport.MQTT, inbox: newInbox(), ended: make(chan struct{}), taken: taken}
	r.id = fmt.Sprintf("%s-%d", r.name(), seat)
	var err error
	// In the binary mode of CloudEvents for MQTT 5, each attribute is a user property with the same name.
	if r.decode, err = message.New(message.Options{Spec: s.Spec, Format: r.spec.Format, Literal: true, MaxDocument: s.MaxDocument}); err != nil {
		return nil, err
	}
	if err := r.connect(ctx); err != nil {
		return nil, explained(err)
	}
	go func() {
		if err := r.subscribe(); err != nil {
			r.end(err)
		}
	}()
	return r, nil
}

// name is what the client ids of all pods begin with.
func (r *reader) name() string {
	if r.spec.ClientID != "" {
		return r.spec.ClientID
	}
	return "journeyman-" + r.Namespace + "-" + r.Name
}

// connect connects to the first broker that answers.
func (r *reader) connect(ctx context.Context) error {
	var config *tls.Config
	if r.spec.TLS != nil {
		var err error
		if config, err = secure.TLS("spec.transport.mqtt.tls", r.spec.TLS, r.Files); err != nil {
			return err
		}
	}
	return secure.First(r.spec.Brokers, func(address string) error { return r.handshake(ctx, address, config) })
}

// handshake connects to one broker. A connection that breaks ends the reader: what was not acknowledged is delivered again to the next one.
func (r *reader) handshake(ctx context.Context, address string, config *tls.Config) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := secure.Connect(ctx, r.Dial, address, config)
	if err != nil {
		return err
	}
	r.link = newLink(conn, r.MaxDocument, r.inbox)
	r.session = &session{State: state.NewInMemory()}
	r.client = paho.NewClient(paho.ClientConfig{
		Conn: r.link, Session: r.session, PingHandler: &pinger{link: r.link},
		// The handshake has the limit of ctx. A broker that has a session sends its messages before the answer to a subscription.
		PacketTimeout:      year,
		OnPublishReceived:  []func(paho.PublishReceived) (bool, error){r.arrived},
		OnServerDisconnect: func(d *paho.Disconnect) { r.end(&refusal{code: d.ReasonCode}) },
		OnClientError:      r.end,
	})
	answer, err := r.client.Connect(ctx, r.hello())
	if err == nil {
		return r.welcomed(answer)
	}
	_ = conn.Close()
	switch failed := r.link.failure(); {
	case answer != nil:
		return &refusal{code: answer.ReasonCode, connecting: true}
	case failed != nil:
		return failed
	}
	return err
}

// welcomed looks at what the broker offers.
func (r *reader) welcomed(answer *paho.Connack) error {
	p := answer.Properties
	if p == nil {
		return nil
	}
	if pods(r.Spec) > 1 && !p.SharedSubAvailable {
		_ = r.client.Disconnect(&paho.Disconnect{ReasonCode: packets.DisconnectNormalDisconnection})
		return &refusal{code: packets.SubackSharedSubscriptionnotsupported}
	}
	if shorter := p.SessionExpiryInterval; shorter != nil {
		r.Log.Warn("the broker keeps the messages of a pod that is away for another time than spec.transport.mqtt.sessionExpiry", "seconds", *shorter)
	}
	return nil
}

func (r *reader) hello() *paho.Connect {
	expiry := uint32(min(r.spec.SessionExpiry.Or(defaultExpiry)/time.Second, math.MaxUint32-1))
	most := uint16(r.spec.ReceiveMaximum)
	if most == 0 {
		most = defaultReceiveMaximum
	}
	c := &paho.Connect{
		ClientID: r.id, KeepAlive: uint16(keepAlive / time.Second),
		Properties: &paho.ConnectProperties{SessionExpiryInterval: &expiry, ReceiveMaximum: &most, RequestProblemInfo: true},
	}
	if a := r.spec.Auth; a != nil {
		c.Username, c.UsernameFlag = a.Username, true
		c.Password, c.PasswordFlag = []byte(secure.Line(r.Files[podconfig.FilePassword])), true
	}
	return c
}

// subscribe subscribes to the topics: alone if the source has one pod, and otherwise shared with the other pods. A session that was made with another
// number of pods has the other kind of subscription, too, which is removed.
func (r *reader) subscribe() error {
	plain := make([]string, len(r.spec.Topics))
	shared := make([]string, len(r.spec.Topics))
	for i, t := range r.spec.Topics {
		plain[i], shared[i] = string(t), "$share/"+r.name()+"/"+string(t)
	}
	wanted, other := plain, shared
	if pods(r.Spec) > 1 {
		wanted, other = shared, plain
	}
	s := &paho.Subscribe{}
	for _, t := range wanted {
		s.Subscriptions = append(s.Subscriptions, paho.SubscribeOptions{Topic: t, QoS: byte(max(r.spec.QoS, 1)), RetainHandling: packets.RetainDoNotSend})
	}
	if answer, err := r.client.Subscribe(context.Background(), s); err != nil {
		if answer == nil {
			return err
		}
		for i, code := range answer.Reasons {
			if code >= packets.SubackUnspecifiederror {
				return &refusal{code: code, topic: wanted[i]}
			}
		}
		return err
	}
	// The answer says which of them there were. Nothing follows from it.
	_, _ = r.client.Unsubscribe(context.Background(), &paho.Unsubscribe{Topics: other})
	return nil
}

// arrived takes a message. It does not wait, because the connection would not be tested meanwhile: the link stops to read when there is too much.
func (r *reader) arrived(p paho.PublishReceived) (bool, error) {
	r.inbox.put(p.Packet)
	return true, nil
}

// end ends the reader because of an error; only the first one counts.
func (r *reader) end(err error) {
	r.once.Do(func() {
		r.why = err
		if isTakenOver(err) {
			r.taken()
		}
		close(r.ended)
	})
}

// lost is why no more messages arrive.
func (r *reader) lost() error {
	if isTakenOver(r.why) && !errors.As(r.why, new(*refusal)) {
		return &pull.Error{Reason: pull.Unreachable, Cause: r.why, Message: "the broker has closed the connection: it was stopped, or another client " +
			"has the client id " + r.id + "; if that does not end, set another spec.transport.mqtt.clientID"}
	}
	return r.why
}

// Close implements pull.Reader. The session stays, and the broker delivers again what is not settled.
func (r *reader) Close() error {
	select {
	case <-r.ended:
		return nil // The client has closed the connection.
	default:
	}
	r.end(net.ErrClosed)
	return r.client.Disconnect(&paho.Disconnect{ReasonCode: packets.DisconnectNormalDisconnection})
}

// Progress implements pull.Observed. Brokers do not tell how many messages wait.
func (r *reader) Progress() pull.Progress { return pull.Progress{Partitions: 1} }
