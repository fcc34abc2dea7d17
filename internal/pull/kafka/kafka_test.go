// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka_test

import (
	"testing"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/test/rig/kafka"
)

func TestMain(m *testing.M) {
	kafka.Main()
	pulltest.Main(m)
}

const topic = "shop.events"

// system is a topic with three partitions.
type system struct{ *kafka.Broker }

func start(t *testing.T) system {
	t.Helper()
	s := system{kafka.Start(t)}
	s.Create(t, topic, 3)
	return s
}

func (s system) Transport() v1alpha1.Transport {
	return v1alpha1.Transport{Kafka: &v1alpha1.KafkaTransport{
		Brokers: []v1alpha1.BrokerAddress{v1alpha1.BrokerAddress(s.Address)}, Topics: []v1alpha1.KafkaTopic{topic},
	}}
}

func (s system) Write(t testing.TB, documents ...string) { s.Broker.Write(t, topic, 3, documents...) }

func (s system) ExactlyOnce() bool { return true }

func TestSuite(t *testing.T) {
	pulltest.Run(t, func(t *testing.T) pulltest.System { return start(t) })
}
