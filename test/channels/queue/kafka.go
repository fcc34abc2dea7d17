// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package queue runs the brokers of samples, each with the message of one sample.
package queue

import (
	"context"
	"encoding/json"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// message of a sample. Timestamp is in milliseconds.
type message struct {
	Topic      string
	Partition  int32
	Key, Value string
	Timestamp  int64
	Headers    map[string]string
}

// Kafka starts a broker with the message of a sample, and returns the source that reads it. Its values are messages of Segment's specs.
func Kafka(ctx context.Context, sample json.RawMessage) (spec v1alpha1.TouchpointSourceSpec, stop func(), err error) {
	var m message
	if err := json.Unmarshal(sample, &m); err != nil {
		return spec, nil, err
	}
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(m.Partition+1, m.Topic))
	if err != nil {
		return spec, nil, err
	}
	address := broker.ListenAddrs()[0]
	if err := m.write(ctx, address); err != nil {
		broker.Close()
		return spec, nil, err
	}
	spec.Channel = "web"
	spec.Transport.Kafka = &v1alpha1.KafkaTransport{
		Brokers: []v1alpha1.BrokerAddress{v1alpha1.BrokerAddress(address)}, Topics: []v1alpha1.KafkaTopic{v1alpha1.KafkaTopic(m.Topic)},
		Format: v1alpha1.MessagesSegment,
	}
	return spec, broker.Close, nil
}

func (m *message) write(ctx context.Context, address string) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(address), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		return err
	}
	defer client.Close()
	record := &kgo.Record{Topic: m.Topic, Partition: m.Partition, Key: []byte(m.Key), Value: []byte(m.Value), Timestamp: time.UnixMilli(m.Timestamp)}
	for k, v := range m.Headers {
		record.Headers = append(record.Headers, kgo.RecordHeader{Key: k, Value: []byte(v)})
	}
	return client.ProduceSync(ctx, record).FirstErr()
}
