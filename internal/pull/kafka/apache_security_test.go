// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/test/rig/kafka/apache"
)

// access is how a source connects, and what comes of it.
type access struct {
	listener string
	tls      *v1alpha1.ClientTLS
	sasl     *v1alpha1.KafkaSASL
	// change what else is in the settings; it can be nil.
	change func(k *v1alpha1.KafkaTransport)
	files  map[string][]byte
	// reason and message of the problem; empty if the source is read.
	reason, message string
}

// Each way of authentication, with what is right and with what is wrong. A user has the permissions that the docs ask for, and no others.
func secured(t *testing.T, c *apache.Cluster) {
	s := newTopic(t, c, 1, nil)
	c.Allow(t, s.name)
	c.Allow(t, s.group())
	s.Write(t, pulltest.Documents(0, 10)...)
	pods := map[string]*pulltest.Pod{}
	cases := accesses(c)
	for name, a := range cases {
		p := pulltest.NewPod(t, s)
		k := p.Config.Source.Transport.Kafka
		k.Brokers, k.TLS, k.SASL, p.Files = nil, a.tls, a.sasl, a.files
		for _, address := range c.At(a.listener) {
			k.Brokers = append(k.Brokers, v1alpha1.BrokerAddress(address))
		}
		k.ConsumerGroup = s.group() + "-" + strings.ReplaceAll(name, " ", "-")
		if a.change != nil {
			a.change(k)
		}
		p.Run()
		pods[name] = p
	}
	for name, a := range cases {
		t.Run(name, func(t *testing.T) {
			p := pods[name]
			if a.reason != "" {
				awaitProblem(t, p, a.reason, a.message)
				return
			}
			require.Eventually(t, func() bool { return len(p.Store.Events()) == 10 }, waitFor, tick, "%v", p.Runner.State().Problem)
			p.Check(10, true)
			require.Nil(t, p.Runner.State().Problem)
		})
	}
}

func accesses(c *apache.Cluster) map[string]access {
	files := func(pairs ...[]byte) map[string][]byte {
		out := map[string][]byte{}
		for i, name := range []string{podconfig.FileCA, podconfig.FilePassword, podconfig.FileClientCert, podconfig.FileClientKey} {
			if i < len(pairs) && pairs[i] != nil {
				out[name] = pairs[i]
			}
		}
		return out
	}
	user := func(name string, m v1alpha1.KafkaMechanism) *v1alpha1.KafkaSASL {
		return &v1alpha1.KafkaSASL{Mechanism: m, Username: name}
	}
	verified := &v1alpha1.ClientTLS{CAConfigMapRef: &v1alpha1.ConfigMapKeyReference{Name: "kafka-ca"}}
	both := &v1alpha1.ClientTLS{CAConfigMapRef: verified.CAConfigMapRef, CertificateSecretRef: &v1alpha1.CertificateReference{Name: "kafka-client"}}
	password := []byte(apache.Password + "\n")
	const refused, certificate = "the brokers refuse user name or password", "set the authority in spec.transport.kafka.tls"
	out := map[string]access{
		"TLS":                {listener: apache.TLS, tls: verified, files: files(c.CA)},
		"client certificate": {listener: apache.MTLS, tls: both, files: files(c.CA, nil, c.ClientCert, c.ClientKey)},
		"another authority":  {listener: apache.TLS, tls: verified, files: files(c.OtherCA), reason: pull.Misconfigured, message: certificate},
		"public authorities": {listener: apache.TLS, tls: &v1alpha1.ClientTLS{}, reason: pull.Misconfigured, message: certificate},
		"another name": {
			listener: apache.TLS, tls: &v1alpha1.ClientTLS{CAConfigMapRef: verified.CAConfigMapRef, ServerName: "kafka.example.com"}, files: files(c.CA),
			reason: pull.Misconfigured, message: "or the name in tls.serverName",
		},
		"no certificate": {
			listener: apache.MTLS, tls: verified, files: files(c.CA), reason: pull.Unauthorized, message: "spec.transport.kafka.tls.certificateSecretRef",
		},
		"certificate of another authority": {
			listener: apache.MTLS, tls: both, files: files(c.CA, nil, c.OtherCert, c.OtherKey),
			reason: pull.Unauthorized, message: "spec.transport.kafka.tls.certificateSecretRef",
		},
		"TLS where there is none": {
			listener: apache.Plain, tls: verified, files: files(c.CA), reason: pull.Misconfigured, message: "compare spec.transport.kafka.tls",
		},
		"no TLS where there is": {listener: apache.TLS, reason: pull.Misconfigured, message: "set spec.transport.kafka.tls"},
		"no user": {
			listener: apache.SASL, tls: verified, files: files(c.CA), reason: pull.Misconfigured, message: "spec.transport.kafka.sasl",
		},
	}
	for _, m := range []v1alpha1.KafkaMechanism{v1alpha1.KafkaPlain, v1alpha1.KafkaSCRAM256, v1alpha1.KafkaSCRAM512} {
		on := access{listener: apache.SASL, tls: verified, files: files(c.CA, password), sasl: user(apache.User, m)}
		out[string(m)] = on
		wrong := on
		wrong.files, wrong.reason, wrong.message = files(c.CA, []byte("wrong")), pull.Unauthorized, refused
		out[string(m)+" with another password"] = wrong
		wrong.files, wrong.sasl = on.files, user("nobody", m)
		out[string(m)+" with another user"] = wrong
	}
	stranger := out[string(v1alpha1.KafkaSCRAM512)]
	stranger.sasl, stranger.reason, stranger.message = user(apache.Stranger, v1alpha1.KafkaSCRAM512), pull.Unauthorized, "allow Read and Describe"
	out["no permission for the topic"] = stranger
	group := out[string(v1alpha1.KafkaSCRAM256)]
	group.change = func(k *v1alpha1.KafkaTransport) { k.ConsumerGroup = "of-others" }
	group.reason, group.message = pull.Unauthorized, "allow Read on spec.transport.kafka.consumerGroup"
	out["no permission for the group"] = group
	return out
}

// awaitProblem waits until the source shows a problem.
func awaitProblem(t *testing.T, p *pulltest.Pod, reason, message string) {
	t.Helper()
	require.Eventually(t, func() bool { return p.Runner.State().Problem != nil }, waitFor, tick, "there is no problem")
	problem := p.Runner.State().Problem
	require.Equal(t, reason, problem.Reason, problem.Message)
	require.Contains(t, problem.Message, message)
	require.NotContains(t, problem.Message, apache.Password)
}
