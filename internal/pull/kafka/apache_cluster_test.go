// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/test/rig/kafka"
	"github.com/journeyman-dev/journeyman/test/rig/kafka/apache"
)

// Three nodes, each of which is killed in turn. Only make test-full has the time for them.
func TestACluster(t *testing.T) {
	if os.Getenv("JOURNEYMAN_FULL") != "1" {
		t.Skip("three nodes of Apache Kafka: only with JOURNEYMAN_FULL=1")
	}
	t.Parallel()
	c := apache.Start(t, 3)
	t.Run("leaders change", func(t *testing.T) { leadersChange(t, c) })
	t.Run("an unclean election", func(t *testing.T) { uncleanElection(t, c) })
}

// Leaders, the group's coordinator and the controller are killed while messages arrive. With two replicas that have acknowledged, nothing is lost.
func leadersChange(t *testing.T, c *apache.Cluster) {
	s := newTopic(t, c, 6, map[string]string{"min.insync.replicas": "2"})
	p := pulltest.NewPod(t, s)
	w := s.writing(t)
	first, second := p.Start(t, "till-1"), p.Start(t, "till-2")
	s.awaitMembers(t, 2)
	for _, n := range c.Nodes {
		n.Kill()
		p.Await(w.written() + 350)
		n.Restart(t)
		c.Await(t, 3)
		s.awaitReplicas(t, 3)
	}
	n := w.end()
	p.Await(n)
	first.Stop(t)
	second.Stop(t)
	p.Check(n, true)
}

// A replica that lacks messages becomes the leader, because no other one is there, and gives their offsets to others. The docs say what happens: the loss
// shows, and messages without ids of their own at these offsets count as known ones.
func uncleanElection(t *testing.T, c *apache.Cluster) {
	s := &topicOf{Connection: kafka.Connection{Addresses: c.Addresses}, cluster: c, name: "unclean", partitions: 1}
	s.Connect(t)
	s.createOn(t, 1, 2)
	p := pulltest.NewPod(t, s)
	p.Run()
	s.Write(t, pulltest.Documents(0, 10)...)
	p.Await(10)
	c.Nodes[1].Kill()
	s.awaitReplicas(t, 1)
	s.Write(t, pulltest.Documents(10, 20)...)
	p.Await(20)
	c.Nodes[0].Kill()
	c.Nodes[1].Restart(t)
	awaitMissed(t, p, 1)
	require.Contains(t, p.Source().Counters.Rejected[reject.Missed].Example, "ends at offset 10, but was read up to 20: the brokers lost messages that are stored")
	s.Connect(t) // The client of before ends with an error, because it knows that its messages are lost.
	s.Write(t, pulltest.Documents(20, 50)...)
	p.Await(40)
	s.readerIsCaughtUp(t, p)
	p.Check(40, false)
	require.EqualValues(t, 10, p.Source().Duplicates)
}

// createOn creates the topic with replicas on two nodes, the first of which is the leader. It allows unclean elections.
func (s *topicOf) createOn(t *testing.T, nodes ...int32) {
	t.Helper()
	yes := "true"
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = s.name, -1, -1
	topic.ReplicaAssignment = []kmsg.CreateTopicsRequestTopicReplicaAssignment{{Partition: 0, Replicas: nodes}}
	topic.Configs = []kmsg.CreateTopicsRequestTopicConfig{{Name: "unclean.leader.election.enable", Value: &yes}}
	request := kmsg.NewPtrCreateTopicsRequest()
	request.Topics, request.TimeoutMillis = []kmsg.CreateTopicsRequestTopic{topic}, 10_000
	answer, err := request.RequestWith(t.Context(), s.Client)
	require.NoError(t, err)
	require.NoError(t, kerr.ErrorForCode(answer.Topics[0].ErrorCode))
}

// awaitReplicas waits until n replicas of each partition are in sync.
func (s *topicOf) awaitReplicas(t *testing.T, n int) {
	t.Helper()
	require.Eventually(t, func() bool {
		topics, err := s.Admin.ListTopics(t.Context(), s.name)
		if err != nil {
			return false
		}
		for _, p := range topics[s.name].Partitions {
			if len(p.ISR) != n {
				return false
			}
		}
		return len(topics[s.name].Partitions) == s.partitions
	}, waitFor, tick, "replicas in sync")
}
