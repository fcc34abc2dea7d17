// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mqtt_test

import (
	"net"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/test/rig/authority"
	"github.com/journeyman-dev/journeyman/test/rig/mosquitto"
)

// problem runs a pod until it says why it cannot read.
func problem(t *testing.T, q *system, files map[string][]byte) (reason, message string) {
	t.Helper()
	p := pulltest.NewPod(t, q)
	p.Files = files
	defer p.Run()()
	require.Eventually(t, func() bool { return p.Runner.State().Problem != nil }, time.Minute, 10*time.Millisecond)
	return p.Runner.State().Problem.Reason, p.Runner.State().Problem.Message
}

// answering returns the address of a server that answers each connection with a text.
func answering(t *testing.T, text string) v1alpha1.BrokerAddress {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte(text))
			defer func() { _ = conn.Close() }()
		}
	}()
	return v1alpha1.BrokerAddress(l.Addr().String())
}

func problems(t *testing.T, s *mosquitto.Server) {
	q := topic(t, s, 1)
	at := func(a v1alpha1.BrokerAddress) func(m *v1alpha1.MQTTTransport) {
		return func(m *v1alpha1.MQTTTransport) { m.Brokers = []v1alpha1.BrokerAddress{a} }
	}
	for name, c := range map[string]struct {
		change          func(*v1alpha1.MQTTTransport)
		files           map[string][]byte
		reason, message string
	}{
		"password":    {files: map[string][]byte{podconfig.FilePassword: []byte("wrong")}, reason: pull.Unauthorized, message: "auth"},
		"nobody":      {change: func(m *v1alpha1.MQTTTransport) { m.Auth = nil }, reason: pull.Unauthorized, message: "auth"},
		"HTTP":        {change: at(answering(t, "HTTP/1.1 400 Bad Request\r\n\r\n")), reason: pull.Misconfigured, message: "MQTT"},
		"MQTT 3.1.1":  {change: at(answering(t, "\x20\x02\x00\x01")), reason: pull.Misconfigured, message: "MQTT 5"},
		"not shared":  {change: at(answering(t, "\x20\x05\x00\x9e\x02\x2a\x00")), reason: pull.Misconfigured, message: "shared"},
		"taken over":  {change: at(answering(t, "\x20\x03\x00\x00\x00\xe0\x01\x8e")), reason: pull.Replaced, message: "clientID"},
		"no broker":   {change: at("127.0.0.1:1"), reason: pull.Unreachable, message: "brokers"},
		"TLS missing": {change: at(v1alpha1.BrokerAddress(s.TLSAddress)), reason: pull.Unreachable, message: "TLS"},
	} {
		t.Run(name, func(t *testing.T) {
			before := q.transport
			defer func() { q.transport = before }()
			if c.change != nil {
				c.change(&q.transport)
			}
			if c.files == nil {
				c.files = right
			}
			reason, message := problem(t, q, c.files)
			require.Equal(t, c.reason, reason, message)
			require.Contains(t, message, c.message)
		})
	}
	t.Run("the second broker answers", func(t *testing.T) {
		q.transport.Brokers = []v1alpha1.BrokerAddress{"127.0.0.1:1", v1alpha1.BrokerAddress(s.Address)}
		p := pulltest.NewPod(t, q)
		q.Write(t, pulltest.Documents(0, 3)...)
		p.Run()
		p.Await(3)
	})
	t.Run("another program has the client id", func(t *testing.T) {
		p := pulltest.NewPod(t, q)
		q.Write(t, pulltest.Documents(3, 4)...)
		p.Run()
		p.Await(1)
		other := connect(t, s.Address, q.transport.ClientID+"-0", mosquitto.Reader, time.Hour)
		require.Eventually(t, func() bool { return p.Runner.State().Problem != nil }, time.Minute, time.Millisecond)
		require.Contains(t, p.Runner.State().Problem.Message, q.transport.ClientID+"-0", "Mosquitto does not say why it closes the connection")
		_ = other.Disconnect(&paho.Disconnect{})
		q.Write(t, pulltest.Documents(4, 5)...)
		p.Await(2)
	})
}

func certificates(t *testing.T, s *mosquitto.Server) {
	q := topic(t, s, 1)
	q.transport.Brokers = []v1alpha1.BrokerAddress{v1alpha1.BrokerAddress(s.TLSAddress)}
	secret := &v1alpha1.SecretKeyReference{Name: "mqtt"}
	q.transport.TLS = &v1alpha1.ClientTLS{CASecretRef: secret}
	files := map[string][]byte{podconfig.FilePassword: right[podconfig.FilePassword], podconfig.FileCA: s.Authority.PEM}
	reason, message := problem(t, q, files)
	require.Equal(t, pull.Misconfigured, reason, message)
	require.Contains(t, message, "serverName")
	q.transport.TLS.ServerName = "localhost"
	reason, message = problem(t, q, map[string][]byte{podconfig.FilePassword: right[podconfig.FilePassword], podconfig.FileCA: authority.New(t).PEM})
	require.Equal(t, pull.Misconfigured, reason, message)
	q.Write(t, pulltest.Documents(0, 3)...)
	p := pulltest.NewPod(t, q)
	p.Files = files
	stop := p.Run()
	p.Await(3)
	stop()

	q.transport.Brokers = []v1alpha1.BrokerAddress{v1alpha1.BrokerAddress(s.CertifiedAddress)}
	reason, message = problem(t, q, files)
	require.NotEmpty(t, reason, message)
	q.transport.Auth, q.transport.TLS.CertificateSecretRef = nil, &v1alpha1.CertificateReference{Name: "client"}
	cert, key := s.Authority.Issue(t, mosquitto.Certified)
	q.Write(t, pulltest.Documents(3, 6)...)
	p = pulltest.NewPod(t, q)
	p.Files = map[string][]byte{podconfig.FileCA: s.Authority.PEM, podconfig.FileClientCert: cert, podconfig.FileClientKey: key}
	p.Run()
	p.Await(3)
}
