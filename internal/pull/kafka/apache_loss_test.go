// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/test/rig/kafka/apache"
)

// remove deletes the messages before an offset of all partitions.
func (s *topicOf) remove(t *testing.T, before int64) {
	t.Helper()
	var o kadm.Offsets
	for n := range s.partitions {
		o.AddOffset(s.name, int32(n), before, -1)
	}
	answers, err := s.Admin.DeleteRecords(t.Context(), o)
	require.NoError(t, err)
	require.NoError(t, answers.Error())
}

func removedOffsets(t *testing.T, c *apache.Cluster) {
	s := newTopic(t, c, 3, nil)
	p := pulltest.NewPod(t, s)
	stop := p.Run()
	s.Write(t, pulltest.Documents(0, 30)...)
	p.Await(30)
	stop()
	s.Write(t, pulltest.Documents(30, 60)...)
	s.remove(t, 15)
	p.Run()
	awaitMissed(t, p, 15)
	p.Await(45)
	require.Contains(t, p.Source().Counters.Rejected[reject.Missed].Example, "the brokers removed offsets 10 to 14 before they were read")
	require.Contains(t, p.Runner.State().LastGap, "topic "+s.name)
	s.caughtUp(t, p)
	p.Check(45, false)
}

// Retention deletes whole segments, which begin when a message is younger than their first one by segment.ms.
func expiredSegments(t *testing.T, c *apache.Cluster) {
	s := newTopic(t, c, 3, map[string]string{"retention.ms": "-1", "segment.ms": "60000"})
	write := func(first, last int, age time.Duration) {
		var records []*kgo.Record
		for i, d := range pulltest.Documents(first, last) {
			records = append(records, &kgo.Record{Partition: int32(i % 3), Value: []byte(d), Timestamp: time.Now().Add(-age)})
		}
		s.send(t, records...)
	}
	p := pulltest.NewPod(t, s)
	stop := p.Run()
	write(0, 30, 3*time.Hour)
	p.Await(30)
	stop()
	write(30, 60, 2*time.Hour)
	write(60, 75, 0)
	hour := strconv.FormatInt(time.Hour.Milliseconds(), 10)
	_, err := s.Admin.AlterTopicConfigs(t.Context(), []kadm.AlterConfig{{Name: "retention.ms", Value: &hour}}, s.name)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		oldest, err := s.Admin.ListStartOffsets(t.Context(), s.name)
		require.NoError(t, err)
		o, ok := oldest.Lookup(s.name, 2)
		return ok && o.Offset == 20
	}, waitFor, tick, "retention has removed two of three segments")
	p.Run()
	awaitMissed(t, p, 30)
	p.Await(45)
	require.Contains(t, p.Source().Counters.Rejected[reject.Missed].Example, "the brokers removed offsets 10 to 19 before they were read")
	s.caughtUp(t, p)
	p.Check(45, false)
}

// The store is away for so long that the brokers remove messages after the one in hand. Nothing but these is missing.
func removedDuringAnOutage(t *testing.T, c *apache.Cluster) {
	s := newTopic(t, c, 1, nil)
	p := pulltest.NewPod(t, s)
	p.Run()
	s.Write(t, pulltest.Documents(0, 10)...)
	p.Await(10)
	p.Store.Fail(store.ErrUnavailable)
	s.Write(t, pulltest.Documents(10, 20)...)
	require.Eventually(t, func() bool { return p.Runner.State().Documents == 20 }, waitFor, tick)
	// The client fetches ahead, but not more than a megabyte of a partition.
	var large []string
	for _, d := range pulltest.Documents(20, 30) {
		large = append(large, strings.Replace(d, "{", `{"padding":"`+strings.Repeat("x", 400<<10)+`",`, 1))
	}
	s.Write(t, large...)
	s.Write(t, pulltest.Documents(30, 40)...)
	s.remove(t, 40)
	s.Write(t, pulltest.Documents(40, 50)...)
	p.Store.Fail(nil)
	require.Eventually(t, func() bool {
		counters := p.Source().Counters
		missed := counters.Rejected[reject.Missed].Count
		return missed >= 10 && counters.Accepted+missed == 50
	}, waitFor, tick, "%v", p.Source().Counters)
	require.Contains(t, p.Source().Counters.Rejected[reject.Missed].Example, "to 39 before they were read")
	s.caughtUp(t, p)
	p.Check(int(p.Source().Counters.Accepted), true)
	require.Nil(t, p.Runner.State().Problem)
}

// The topic with the same name is another one: its offsets begin again, and none of its messages counts as one of the former.
func createdAgain(t *testing.T, c *apache.Cluster) {
	s := newTopic(t, c, 3, nil)
	p := pulltest.NewPod(t, s)
	p.Run()
	s.Write(t, pulltest.Documents(0, 30)...)
	p.Await(30)
	s.deleteTopic(t)
	require.Eventually(t, func() bool {
		problem := p.Runner.State().Problem
		return problem != nil && problem.Reason == pull.NotFound
	}, waitFor, tick)
	s.create(t, nil)
	s.Connect(t) // The client of before still writes to the former topic.
	s.Write(t, pulltest.Documents(100, 130)...)
	s.another(t, p, 60)
}

// The pods do not see that there is no topic for a while, and the new one has more messages than they have read of the former.
func createdAgainAtOnce(t *testing.T, c *apache.Cluster) {
	s := newTopic(t, c, 3, nil)
	p := pulltest.NewPod(t, s)
	p.Run()
	s.Write(t, pulltest.Documents(0, 30)...)
	p.Await(30)
	s.deleteTopic(t)
	s.create(t, nil)
	s.Connect(t)
	s.Write(t, pulltest.Documents(100, 160)...)
	s.another(t, p, 90)
}

// The store is away when a source begins, and the topic is another one when it is back, before a message was read.
func createdAgainBeforeItIsRead(t *testing.T, c *apache.Cluster) {
	s := newTopic(t, c, 3, nil)
	s.Write(t, pulltest.Documents(0, 30)...)
	p := pulltest.NewPod(t, s)
	p.Store.Fail(store.ErrUnavailable)
	p.Run()
	require.Eventually(t, func() bool { return p.Store.Refused() > 0 }, waitFor, tick, "the positions of the former topic")
	s.deleteTopic(t)
	s.create(t, nil)
	s.Connect(t)
	s.Write(t, pulltest.Documents(100, 160)...)
	p.Store.Fail(nil)
	s.another(t, p, 60)
}

func (s *topicOf) deleteTopic(t *testing.T) {
	t.Helper()
	_, err := s.Admin.DeleteTopic(t.Context(), s.name)
	require.NoError(t, err)
}

// another checks that n messages of both topics are stored, and that the former shows.
func (s *topicOf) another(t *testing.T, p *pulltest.Pod, n int) {
	t.Helper()
	p.Await(n)
	awaitMissed(t, p, 3)
	require.Contains(t, p.Source().Counters.Rejected[reject.Missed].Example, "was deleted and created again: the former one was read up to offset")
	s.caughtUp(t, p)
	require.Nil(t, p.Runner.State().Problem)
	p.Check(n, true)
}
