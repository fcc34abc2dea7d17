// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package nats reads a stream of NATS JetStream by a durable consumer, which all pods of a source share. The server keeps the position: a message is
// acknowledged after its events are stored, and delivered again otherwise.
package nats

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/pull/message"
	"github.com/journeyman-dev/journeyman/internal/pull/secure"
)

// Kind is the entry in the registry.
var Kind = pull.Kind{Name: "nats", Open: open}

const (
	// patience limits the requests about stream and consumer, and the last acknowledgement of a batch.
	patience = 10 * time.Second
	// lookEvery is the interval at which the lag is asked for.
	lookEvery = 10 * time.Second
	// redeliverAfter is the time after which the messages of a pod that has died are delivered to another one. Messages of a batch that waits for the
	// store are held more often than that.
	redeliverAfter = 30 * time.Second
	// leaveWithin limits what is sent when the reader is closed.
	leaveWithin = 2 * time.Second
)

// reader is one connection.
type reader struct {
	pull.Settings
	spec     *v1alpha1.NATSTransport
	decode   *message.Decoder
	conn     *client.Conn
	stream   jetstream.Stream
	consumer jetstream.Consumer
	// origin tells a stream from one that was created again with its name.
	origin string
	// life ends with the reader, and closed when the connection does.
	life   context.Context
	end    context.CancelFunc
	closed chan struct{}
	// request is the pull request that is in progress; nil if there is none. ahead are its messages that did not fit into the last batch.
	request jetstream.MessageBatch
	ahead   []jetstream.Msg

	mu       sync.Mutex
	progress pull.Progress
	lookedAt time.Time
}

// open connects, and finds or creates the consumer.
func open(ctx context.Context, s pull.Settings) (pull.Reader, error) {
	r := &reader{Settings: s, spec: s.Spec.Transport.NATS, closed: make(chan struct{})}
	var err error
	if r.decode, err = message.New(message.Options{Spec: s.Spec, Format: r.spec.Format, Attributes: "ce-", MaxDocument: s.MaxDocument}); err != nil {
		return nil, err
	}
	if err := r.connect(); err != nil {
		return nil, explained(err)
	}
	r.life, r.end = context.WithCancel(context.WithoutCancel(ctx))
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := r.find(ctx); err != nil {
		r.end()
		r.conn.Close()
		return nil, explained(err)
	}
	return r, nil
}

// dialer connects without TLS, which the client adds.
type dialer struct{ dial pull.Dialer }

// Dial implements client.CustomDialer.
func (d dialer) Dial(_, address string) (net.Conn, error) {
	return secure.Connect(context.Background(), d.dial, address, nil)
}

// connect connects once: a connection that breaks ends the reader, and the next one says what is wrong.
func (r *reader) connect() error {
	servers := make([]string, len(r.spec.Servers))
	for i, s := range r.spec.Servers {
		servers[i] = "nats://" + string(s)
	}
	opts := []client.Option{
		client.Name("journeyman." + r.Namespace + "." + r.Name + " " + r.Pod), client.NoReconnect(), client.Timeout(5 * time.Second),
		client.SetCustomDialer(dialer{r.Dial}), client.SkipHostLookup(), client.ClosedHandler(func(*client.Conn) { close(r.closed) }),
		// Errors of subscriptions are also errors of the request that they belong to.
		client.ErrorHandler(func(*client.Conn, *client.Subscription, error) {}),
	}
	if t := r.spec.TLS; t != nil {
		config, err := secure.TLS("spec.transport.nats.tls", t, r.Files)
		if err != nil {
			return err
		}
		opts = append(opts, client.Secure(config))
	}
	if a := r.spec.Auth; a != nil {
		file := r.Files[podconfig.FilePassword]
		switch {
		case a.CredentialsSecretRef != nil:
			opts = append(opts, client.UserCredentialBytes(file))
		case a.TokenSecretRef != nil:
			opts = append(opts, client.Token(secure.Line(file)))
		default:
			opts = append(opts, client.UserInfo(a.Username, secure.Line(file)))
		}
	}
	var err error
	r.conn, err = client.Connect(strings.Join(servers, ","), opts...)
	return err
}

// find finds the stream and the consumer, and creates the latter if it is not there.
func (r *reader) find(ctx context.Context) error {
	js, err := jetstream.New(r.conn)
	if err != nil {
		return err
	}
	if r.stream, err = js.Stream(ctx, r.spec.Stream); err != nil {
		return err
	}
	info := r.stream.CachedInfo()
	r.origin = fmt.Sprintf("nats:%s:%d:", info.Config.Name, info.Created.UnixNano())
	found, err := r.stream.Consumer(ctx, r.durable())
	if isNew := absent(err); isNew {
		if found, err = r.stream.CreateConsumer(ctx, r.wanted()); err != nil {
			return err
		}
	} else if err != nil {
		return err
	} else if err := r.fits(found.CachedInfo()); err != nil {
		return err
	}
	r.consumer = found
	return r.look(ctx)
}

// durable is the name of the consumer.
func (r *reader) durable() string {
	if r.spec.Consumer != "" {
		return r.spec.Consumer
	}
	return strings.ReplaceAll("journeyman_"+r.Namespace+"_"+r.Name, ".", "_")
}

// wanted is the consumer that is created.
func (r *reader) wanted() jetstream.ConsumerConfig {
	c := jetstream.ConsumerConfig{
		Durable: r.durable(), Description: "reads for the TouchpointSource " + r.Namespace + "/" + r.Name, AckPolicy: jetstream.AckExplicitPolicy,
		AckWait: redeliverAfter, MaxDeliver: -1, MaxAckPending: 4 * pull.MaxRows,
	}
	if list := r.subjects(); len(list) == 1 {
		c.FilterSubject = list[0] // Servers before 2.10 know only this.
	} else {
		c.FilterSubjects = list
	}
	switch {
	case r.spec.StartTime != nil:
		c.DeliverPolicy, c.OptStartTime = jetstream.DeliverByStartTimePolicy, &r.spec.StartTime.Time
	case r.spec.Start == v1alpha1.NATSNew:
		c.DeliverPolicy = jetstream.DeliverNewPolicy
	}
	return c
}

func (r *reader) subjects() []string {
	out := make([]string, len(r.spec.Subjects))
	for i, s := range r.spec.Subjects {
		out[i] = string(s)
	}
	return out
}

// Close implements pull.Reader. What was read ahead is delivered again at once.
func (r *reader) Close() error {
	r.take()
	r.end()
	for _, m := range r.ahead {
		_ = m.Nak() // After an error, the server delivers it again by itself.
	}
	var err error
	if !r.conn.IsClosed() {
		err = r.conn.FlushTimeout(leaveWithin)
	}
	r.conn.Close()
	return err
}

// Progress implements pull.Observed.
func (r *reader) Progress() pull.Progress {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.progress
}
