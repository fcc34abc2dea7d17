// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package amqp_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	client "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/test/rig/rabbitmq"
)

func TestMain(m *testing.M) { pulltest.Main(m) }

// right are the files of the reader's password.
var right = map[string][]byte{podconfig.FilePassword: []byte(rabbitmq.Password + "\n")}

// system is a queue.
type system struct {
	*rabbitmq.Server
	name    string
	conn    *client.Connection
	channel *client.Channel
	// ids are set if the publisher sets an id for each message.
	ids       bool
	sent      int
	transport v1alpha1.AMQPTransport
}

var queues atomic.Int64

// queue creates a durable queue.
func queue(t *testing.T, s *rabbitmq.Server, kind string, more client.Table) *system {
	t.Helper()
	q := &system{Server: s, name: fmt.Sprintf("orders-%d", queues.Add(1)), ids: true}
	q.connect(t)
	args := client.Table{"x-queue-type": kind}
	for k, v := range more {
		args[k] = v
	}
	_, err := q.channel.QueueDeclare(q.name, true, false, false, false, args)
	require.NoError(t, err)
	q.transport = v1alpha1.AMQPTransport{
		Brokers: []v1alpha1.BrokerAddress{v1alpha1.BrokerAddress(s.Address)}, Queue: q.name,
		Auth: &v1alpha1.PasswordAuth{Username: rabbitmq.Reader, PasswordSecretRef: v1alpha1.SecretKeyReference{Name: "rabbitmq"}},
	}
	return q
}

func (s *system) connect(t testing.TB) {
	t.Helper()
	var err error
	s.conn, err = s.Connect("/")
	require.NoError(t, err)
	conn := s.conn
	t.Cleanup(func() { _ = conn.CloseDeadline(time.Now().Add(time.Second)) })
	s.channel, err = s.conn.Channel()
	require.NoError(t, err)
	require.NoError(t, s.channel.Confirm(false))
}

func (s *system) Transport() v1alpha1.Transport { return v1alpha1.Transport{AMQP: &s.transport} }

func (s *system) ExactlyOnce() bool { return false }

func (s *system) Files() map[string][]byte { return right }

func (s *system) Write(t testing.TB, documents ...string) {
	t.Helper()
	messages := make([]client.Publishing, len(documents))
	for i, d := range documents {
		messages[i] = client.Publishing{Body: []byte(d)}
		if s.ids {
			s.sent++
			messages[i].MessageId = fmt.Sprintf("%s-%d", s.name, s.sent)
		}
	}
	s.publish(t, messages...)
}

// publish publishes to the queue until the broker confirms it. A queue whose leader has just been lost refuses messages.
func (s *system) publish(t testing.TB, messages ...client.Publishing) {
	t.Helper()
	require.Eventually(t, func() bool {
		if s.channel.IsClosed() {
			s.connect(t)
		}
		messages = s.refused(t, messages)
		return len(messages) == 0
	}, time.Minute, 50*time.Millisecond)
}

// refused publishes messages and returns those that the broker does not confirm.
func (s *system) refused(t testing.TB, messages []client.Publishing) (out []client.Publishing) {
	t.Helper()
	confirmations := make([]*client.DeferredConfirmation, len(messages))
	for i := range messages {
		messages[i].DeliveryMode = client.Persistent
		var err error
		confirmations[i], err = s.channel.PublishWithDeferredConfirmWithContext(t.Context(), "", s.name, false, false, messages[i])
		require.NoError(t, err)
	}
	within, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for i, c := range confirmations {
		ok, err := c.WaitContext(within)
		if err != nil || !ok {
			out = append(out, messages[i])
		}
	}
	return out
}

// left returns the number of messages of a queue that are ready.
func (s *system) left(t testing.TB, queue string) int {
	t.Helper()
	q, err := s.channel.QueueDeclarePassive(queue, true, false, false, false, nil)
	require.NoError(t, err)
	return q.Messages
}
