// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package amqp reads a queue of RabbitMQ, or of another broker with AMQP 0-9-1. The broker keeps the position: a message is acknowledged after its
// events are stored, and delivered again otherwise.
package amqp

import (
	"context"
	"crypto/tls"
	"errors"
	"sync"
	"time"

	client "github.com/rabbitmq/amqp091-go"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/pull/message"
	"github.com/journeyman-dev/journeyman/internal/pull/secure"
)

// Kind is the entry in the registry.
var Kind = pull.Kind{Name: "amqp", Open: open}

const (
	// patience limits the handshake with a broker, and each request to it.
	patience = 10 * time.Second
	// lookEvery is the interval at which the lag is asked for.
	lookEvery = 10 * time.Second
	// heartbeat is the interval after which a silent connection is suspicious.
	heartbeat = 10 * time.Second
	// leaveWithin limits the end of the connection.
	leaveWithin = 2 * time.Second
)

// reader is one connection with one channel, which has one consumer.
type reader struct {
	pull.Settings
	spec    *v1alpha1.AMQPTransport
	decode  *message.Decoder
	meter   *meter
	conn    *client.Connection
	channel *client.Channel
	// closed gets why the channel was closed.
	closed chan *client.Error
	inbox  *inbox
	// consumers is the number of consumers so far: the latest one is the current one.
	consumers int
	window    window
	// ahead are messages that arrived and did not fit into the last batch.
	ahead []client.Delivery

	mu       sync.Mutex
	progress pull.Progress
	lookedAt time.Time
}

// open connects, and begins to read the queue.
func open(ctx context.Context, s pull.Settings) (pull.Reader, error) {
	r := &reader{Settings: s, spec: s.Spec.Transport.AMQP, window: newWindow(s.MaxDocument)}
	var err error
	// There is no standard of CloudEvents for AMQP 0-9-1. These are the names of AMQP 1.0, which bridges between both keep.
	if r.decode, err = message.New(message.Options{
		Spec: s.Spec, Format: r.spec.Format, Attributes: attributes, Literal: true, MaxDocument: s.MaxDocument,
	}); err != nil {
		return nil, err
	}
	if err := r.connect(ctx); err != nil {
		return nil, explained(err)
	}
	if err := r.within(ctx, r.begin); err != nil {
		_ = r.Close() // It is closed because of the other error.
		return nil, explained(err)
	}
	return r, nil
}

// connect connects to the first broker that answers.
func (r *reader) connect(ctx context.Context) error {
	var config *tls.Config
	if r.spec.TLS != nil {
		var err error
		if config, err = secure.TLS("spec.transport.amqp.tls", r.spec.TLS, r.Files); err != nil {
			return err
		}
	}
	return secure.First(r.spec.Brokers, func(address string) error { return r.handshake(ctx, address, config) })
}

// handshake connects to one broker. A connection that breaks ends the reader: the client's own recovery is not used, because what was delivered before
// is delivered again.
func (r *reader) handshake(ctx context.Context, address string, config *tls.Config) error {
	conn, err := secure.Connect(ctx, r.Dial, address, config)
	if err != nil {
		return err
	}
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		_ = conn.Close()
		return err
	}
	properties := client.NewConnectionProperties()
	properties.SetClientConnectionName("journeyman." + r.Namespace + "." + r.Name + " " + r.Pod)
	properties["capabilities"] = client.Table{"authentication_failure_close": true}
	vhost := r.spec.VirtualHost
	if vhost == "" {
		vhost = "/"
	}
	r.meter = newMeter(conn, r.MaxDocument)
	r.conn, err = client.Open(r.meter, client.Config{
		SASL: r.mechanisms(), Vhost: vhost, ChannelMax: 1, FrameSize: frameMax, Heartbeat: heartbeat, Locale: "en_US", Properties: properties,
	})
	if err != nil {
		_ = conn.Close()
		if failed := r.meter.failure(); errors.Is(failed, errNotAMQP) {
			return failed
		}
	}
	return err
}

func (r *reader) mechanisms() []client.Authentication {
	if a := r.spec.Auth; a != nil {
		return []client.Authentication{&client.PlainAuth{Username: a.Username, Password: secure.Line(r.Files[podconfig.FilePassword])}}
	}
	return []client.Authentication{&client.ExternalAuth{}}
}

// begin opens the channel, and reads the queue.
func (r *reader) begin() error {
	var err error
	if r.channel, err = r.conn.Channel(); err != nil {
		return err
	}
	r.closed = r.channel.NotifyClose(make(chan *client.Error, 1))
	if err := r.look(); err != nil {
		return err
	}
	return r.consume()
}

// within calls f, which waits for the broker, and ends the connection if that takes too long, or ctx ends: the client itself waits for ever, for example
// for a quorum queue without a leader.
func (r *reader) within(ctx context.Context, f func() error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = r.meter.Close() })
	err := f()
	if !stop() {
		return ctx.Err()
	}
	return err
}

// Close implements pull.Reader. The broker delivers again what is not settled.
func (r *reader) Close() error {
	err := r.conn.CloseDeadline(time.Now().Add(leaveWithin))
	if errors.Is(err, client.ErrClosed) {
		return nil
	}
	return err
}

// Progress implements pull.Observed.
func (r *reader) Progress() pull.Progress {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.progress
}
