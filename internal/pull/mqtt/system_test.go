// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mqtt_test

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/test/rig/mosquitto"
)

func TestMain(m *testing.M) { pulltest.Main(m) }

// right are the files of the reader's password.
var right = map[string][]byte{podconfig.FilePassword: []byte(mosquitto.Password + "\n")}

// system is a topic with the source's sessions.
type system struct {
	*mosquitto.Server
	t     *testing.T
	topic string
	// qos and ids are those of what Write publishes.
	qos       byte
	ids       bool
	sent      int
	client    *paho.Client
	transport v1alpha1.MQTTTransport
}

var topics atomic.Int64

// topic returns a topic of its own with sessions for pods. Without a session, a broker keeps nothing.
func topic(t *testing.T, s *mosquitto.Server, pods int) *system {
	t.Helper()
	q := &system{Server: s, t: t, topic: fmt.Sprintf("shop/%d/orders", topics.Add(1)), qos: 1, ids: true}
	name := fmt.Sprintf("till-%d", topics.Load())
	q.transport = v1alpha1.MQTTTransport{
		Brokers: []v1alpha1.BrokerAddress{v1alpha1.BrokerAddress(s.Address)}, Topics: []v1alpha1.MQTTTopic{v1alpha1.MQTTTopic(q.topic)}, ClientID: name,
		Auth: &v1alpha1.PasswordAuth{Username: mosquitto.Reader, PasswordSecretRef: v1alpha1.SecretKeyReference{Name: "mqtt"}},
	}
	for seat := range pods {
		filter := q.topic
		if pods > 1 {
			filter = "$share/" + name + "/" + filter
		}
		c := connect(t, s.Address, fmt.Sprintf("%s-%d", name, seat), mosquitto.Reader, time.Hour)
		_, err := c.Subscribe(t.Context(), &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{Topic: filter, QoS: 2}}})
		require.NoError(t, err)
		require.NoError(t, c.Disconnect(&paho.Disconnect{}))
	}
	return q
}

func connect(t testing.TB, address, id, user string, expiry time.Duration) *paho.Client {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	require.NoError(t, err)
	c := paho.NewClient(paho.ClientConfig{Conn: conn})
	seconds := uint32(expiry / time.Second)
	_, err = c.Connect(t.Context(), &paho.Connect{
		ClientID: id, KeepAlive: 30, Username: user, UsernameFlag: true, Password: []byte(mosquitto.Password), PasswordFlag: true,
		Properties: &paho.ConnectProperties{SessionExpiryInterval: &seconds},
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Disconnect(&paho.Disconnect{ReasonCode: packets.DisconnectNormalDisconnection}) })
	return c
}

func (s *system) Transport() v1alpha1.Transport { return v1alpha1.Transport{MQTT: &s.transport} }

func (s *system) ExactlyOnce() bool { return false }

func (s *system) Files() map[string][]byte { return right }

func (s *system) Kill() { s.Server.Kill(s.t) }

func (s *system) Write(t testing.TB, documents ...string) {
	t.Helper()
	messages := make([]*paho.Publish, len(documents))
	for i, d := range documents {
		messages[i] = &paho.Publish{Topic: s.topic, QoS: s.qos, Payload: []byte(d)}
		if s.ids {
			s.sent++
			messages[i].Properties = &paho.PublishProperties{User: paho.UserProperties{{Key: "message-id", Value: fmt.Sprintf("%s-%d", s.topic, s.sent)}}}
		}
	}
	s.publish(t, messages...)
}

// publish publishes until the broker has acknowledged each message.
func (s *system) publish(t testing.TB, messages ...*paho.Publish) {
	t.Helper()
	if s.client == nil || isDone(s.client) {
		s.client = connect(t, s.Address, "publisher-"+s.topic, mosquitto.Admin, 0)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	// The order is kept by one goroutine. Several only wait.
	var waiting sync.WaitGroup
	for _, m := range messages {
		if len(messages) < 50 {
			_, err := s.client.Publish(ctx, m)
			require.NoError(t, err)
			continue
		}
		waiting.Go(func() {
			_, err := s.client.Publish(ctx, m)
			require.NoError(t, err)
		})
	}
	waiting.Wait()
}

func isDone(c *paho.Client) bool {
	select {
	case <-c.Done():
		return true
	default:
		return false
	}
}
