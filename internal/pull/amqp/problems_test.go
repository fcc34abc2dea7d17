// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package amqp_test

import (
	"net"
	"testing"
	"time"

	client "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/test/rig/authority"
	"github.com/journeyman-dev/journeyman/test/rig/rabbitmq"
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

func problems(t *testing.T, s *rabbitmq.Server) {
	web, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = web.Close() })
	go func() {
		for {
			conn, err := web.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
			defer func() { _ = conn.Close() }()
		}
	}()
	q := queue(t, s, client.QueueTypeQuorum, nil)
	exclusive, err := q.channel.QueueDeclare("", false, true, true, false, nil)
	require.NoError(t, err)
	stream := queue(t, s, client.QueueTypeStream, nil)
	for name, c := range map[string]struct {
		change          func(*v1alpha1.AMQPTransport)
		files           map[string][]byte
		reason, message string
	}{
		"password":     {files: map[string][]byte{podconfig.FilePassword: []byte("wrong")}, reason: pull.Unauthorized, message: "auth"},
		"virtual host": {change: func(a *v1alpha1.AMQPTransport) { a.VirtualHost = "other" }, reason: pull.Unauthorized, message: "virtualHost"},
		"permission":   {change: func(a *v1alpha1.AMQPTransport) { a.Auth.Username = "stranger" }, reason: pull.Unauthorized, message: "auth"},
		"queue":        {change: func(a *v1alpha1.AMQPTransport) { a.Queue = "other" }, reason: pull.NotFound, message: "queue"},
		"exclusive":    {change: func(a *v1alpha1.AMQPTransport) { a.Queue = exclusive.Name }, reason: pull.Misconfigured, message: "exclusive"},
		"mechanism":    {change: func(a *v1alpha1.AMQPTransport) { a.Auth = nil }, reason: pull.Misconfigured, message: "EXTERNAL"},
		"HTTP": {change: func(a *v1alpha1.AMQPTransport) {
			a.Brokers = []v1alpha1.BrokerAddress{v1alpha1.BrokerAddress(web.Addr().String())}
		}, reason: pull.Misconfigured, message: "AMQP"},
		"nobody": {change: func(a *v1alpha1.AMQPTransport) { a.Brokers = []v1alpha1.BrokerAddress{"127.0.0.1:1"} }, reason: pull.Unreachable, message: "brokers"},
		"TLS missing": {change: func(a *v1alpha1.AMQPTransport) {
			a.Brokers = []v1alpha1.BrokerAddress{v1alpha1.BrokerAddress(s.TLSAddress)}
		}, reason: pull.Misconfigured, message: "tls"},
	} {
		t.Run(name, func(t *testing.T) {
			before := q.transport
			defer func() { q.transport = before }()
			auth := *q.transport.Auth
			q.transport.Auth = &auth
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
	t.Run("stream", func(t *testing.T) {
		p := pulltest.NewPod(t, stream)
		p.Run()
		require.Eventually(t, func() bool {
			stream.Write(t, pulltest.Documents(0, 1)...)
			return p.Runner.State().Problem != nil
		}, time.Minute, 50*time.Millisecond)
		require.Equal(t, pull.Misconfigured, p.Runner.State().Problem.Reason)
	})
	t.Run("the second broker answers", func(t *testing.T) {
		q.transport.Brokers = []v1alpha1.BrokerAddress{"127.0.0.1:1", v1alpha1.BrokerAddress(s.Address)}
		p := pulltest.NewPod(t, q)
		q.Write(t, pulltest.Documents(0, 3)...)
		p.Run()
		p.Await(3)
	})
}

// A queue that is deleted while it is read is a problem until it is there again.
func deletedQueue(t *testing.T, s *rabbitmq.Server) {
	q := queue(t, s, client.QueueTypeQuorum, nil)
	p := pulltest.NewPod(t, q)
	q.Write(t, pulltest.Documents(0, 3)...)
	p.Run()
	p.Await(3)
	_, err := q.channel.QueueDelete(q.name, false, false, false)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		problem := p.Runner.State().Problem
		return problem != nil && problem.Reason == pull.NotFound
	},
		time.Minute, 10*time.Millisecond)
	_, err = q.channel.QueueDeclare(q.name, true, false, false, false, client.Table{"x-queue-type": client.QueueTypeQuorum})
	require.NoError(t, err)
	q.Write(t, pulltest.Documents(3, 6)...)
	p.Await(6)
	require.Eventually(t, func() bool { return p.Runner.State().Problem == nil }, time.Minute, 10*time.Millisecond)
}

func certificates(t *testing.T, s *rabbitmq.Server) {
	q := queue(t, s, client.QueueTypeQuorum, nil)
	q.transport.Brokers = []v1alpha1.BrokerAddress{v1alpha1.BrokerAddress(s.TLSAddress)}
	secret := &v1alpha1.SecretKeyReference{Name: "rabbitmq"}
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

	q.transport.Auth, q.transport.TLS.CertificateSecretRef = nil, &v1alpha1.CertificateReference{Name: "client"}
	cert, key := s.Authority.Issue(t, rabbitmq.Certified)
	q.Write(t, pulltest.Documents(3, 6)...)
	p = pulltest.NewPod(t, q)
	p.Files = map[string][]byte{podconfig.FileCA: s.Authority.PEM, podconfig.FileClientCert: cert, podconfig.FileClientKey: key}
	p.Run()
	p.Await(3)
}
