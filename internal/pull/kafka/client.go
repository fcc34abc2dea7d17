// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/pull/secure"
)

// connect returns a client, which connects when it is used.
func (r *reader) connect(more ...kgo.Opt) (*kgo.Client, error) {
	brokers := make([]string, len(r.spec.Brokers))
	for i, b := range r.spec.Brokers {
		brokers[i] = string(b)
	}
	opts := append([]kgo.Opt{
		kgo.SeedBrokers(brokers...), kgo.ClientID("journeyman." + r.Namespace + "." + r.Name),
		kgo.RetryTimeout(patience), kgo.RequestTimeoutOverhead(5 * time.Second), kgo.MetadataMinAge(time.Second),
	}, more...)
	var config *tls.Config
	if t := r.spec.TLS; t != nil {
		var err error
		if config, err = secure.TLS("spec.transport.kafka.tls", t, r.Files); err != nil {
			return nil, err
		}
	}
	// Brokers name the addresses of all brokers, so each connection is guarded, and not only those to the brokers of the spec.
	opts = append(opts, kgo.Dialer(func(ctx context.Context, _, address string) (net.Conn, error) {
		return secure.Connect(ctx, r.Dial, address, config)
	}))
	if s := r.spec.SASL; s != nil {
		opts = append(opts, kgo.SASL(mechanism(s, r.Files[podconfig.FilePassword])))
	}
	client, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, &pull.Error{Reason: pull.Misconfigured, Message: "the settings of spec.transport.kafka do not fit together", Cause: err}
	}
	return client, nil
}

// mechanism uses the first line of the password's file.
func mechanism(s *v1alpha1.KafkaSASL, file []byte) sasl.Mechanism {
	password := secure.Line(file)
	switch s.Mechanism {
	case v1alpha1.KafkaSCRAM256:
		return scram.Auth{User: s.Username, Pass: password}.AsSha256Mechanism()
	case v1alpha1.KafkaSCRAM512:
		return scram.Auth{User: s.Username, Pass: password}.AsSha512Mechanism()
	}
	return plain.Auth{User: s.Username, Pass: password}.AsMechanism()
}
