// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/test/rig/kafka"
	"github.com/journeyman-dev/journeyman/test/rig/kafka/apache"
)

// The reader against Apache Kafka. All tests share one broker, which none of them stops.
func TestApacheKafka(t *testing.T) {
	t.Parallel()
	c := apache.Start(t, 1)
	for name, test := range map[string]func(t *testing.T, c *apache.Cluster){
		"suite": func(t *testing.T, c *apache.Cluster) {
			pulltest.Run(t, func(t *testing.T) pulltest.System { return newTopic(t, c, 3, nil) })
		},
		"security":                                secured,
		"removed offsets":                         removedOffsets,
		"expired segments":                        expiredSegments,
		"offsets removed during an outage":        removedDuringAnOutage,
		"a topic created again":                   createdAgain,
		"a topic created again at once":           createdAgainAtOnce,
		"a topic created again before it is read": createdAgainBeforeItIsRead,
		"rebalances":                              rebalances,
		"transactions":                            transactions,
		"compaction":                              compaction,
		"compression":                             compression,
		"kcat":                                    kcat,
		"timestamps":                              timestamps,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, c)
		})
	}
}

// topicOf is a topic of a cluster, with a client of its own.
type topicOf struct {
	kafka.Connection
	cluster    *apache.Cluster
	name       string
	partitions int
}

var topics atomic.Int64

// newTopic creates a topic with a name of its own.
func newTopic(t *testing.T, c *apache.Cluster, partitions int, configs map[string]string) *topicOf {
	t.Helper()
	out := &topicOf{Connection: kafka.Connection{Addresses: c.Addresses}, cluster: c, name: fmt.Sprintf("shop.events-%d", topics.Add(1)), partitions: partitions}
	out.Connect(t)
	out.create(t, configs)
	return out
}

func (s *topicOf) create(t *testing.T, configs map[string]string) {
	t.Helper()
	values := map[string]*string{}
	for name, value := range configs {
		values[name] = &value
	}
	created, err := s.Admin.CreateTopic(t.Context(), int32(s.partitions), int16(len(s.cluster.Nodes)), values, s.name)
	require.NoError(t, err)
	// The controller answers before brokers know of it.
	require.Eventually(t, func() bool {
		topics, err := s.Admin.ListTopics(kadm.WithAuthorizedOps(t.Context()), s.name)
		return err == nil && topics[s.name].ID == created.ID && topics[s.name].Err == nil && len(topics[s.name].Partitions) == s.partitions
	}, waitFor, tick, "the topic is there")
}

func (s *topicOf) group() string { return "readers-of-" + s.name }

func (s *topicOf) Transport() v1alpha1.Transport {
	k := &v1alpha1.KafkaTransport{Topics: []v1alpha1.KafkaTopic{v1alpha1.KafkaTopic(s.name)}, ConsumerGroup: s.group()}
	for _, a := range s.Addresses {
		k.Brokers = append(k.Brokers, v1alpha1.BrokerAddress(a))
	}
	return v1alpha1.Transport{Kafka: k}
}

func (s *topicOf) Write(t testing.TB, documents ...string) {
	t.Helper()
	s.Connection.Write(t, s.name, s.partitions, documents...)
}

func (s *topicOf) ExactlyOnce() bool { return true }

// send writes records to the topic.
func (s *topicOf) send(t *testing.T, records ...*kgo.Record) {
	t.Helper()
	for _, r := range records {
		r.Topic = s.name
	}
	require.NoError(t, s.Client.ProduceSync(t.Context(), records...).FirstErr())
}

// caughtUp waits until the reader has nothing left to read, and the group's offsets are at the end.
func (s *topicOf) caughtUp(t *testing.T, p *pulltest.Pod) {
	t.Helper()
	s.readerIsCaughtUp(t, p)
	require.Eventually(t, func() bool {
		lags, err := s.Admin.Lag(t.Context(), s.group())
		lag := lags[s.group()]
		return err == nil && lag.Error() == nil && lag.Lag.Total() == 0
	}, waitFor, tick, "the group's offsets follow")
}

func (s *topicOf) readerIsCaughtUp(t *testing.T, p *pulltest.Pod) {
	t.Helper()
	require.Eventually(t, func() bool {
		state := p.Runner.State()
		return state.Lag != nil && *state.Lag == 0 && !state.CaughtUpTime.IsZero()
	}, waitFor, tick, "the reader knows that it has all")
}
