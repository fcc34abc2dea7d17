// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
)

const (
	waitFor = 90 * time.Second
	tick    = 20 * time.Millisecond
)

// expire removes the messages before an offset of all partitions, as retention does.
func (s system) expire(t *testing.T, before int64) {
	t.Helper()
	var o kadm.Offsets
	for n := range int32(3) {
		o.AddOffset(topic, n, before, -1)
	}
	_, err := s.Admin.DeleteRecords(t.Context(), o)
	require.NoError(t, err)
}

// awaitMissed waits until documents count as missed.
func awaitMissed(t *testing.T, p *pulltest.Pod, count int64) {
	t.Helper()
	require.Eventually(t, func() bool { return p.Source().Counters.Rejected[reject.Missed].Count == count }, waitFor, tick)
}

func TestExpiredOffsetsAreCountedAndShown(t *testing.T) {
	s := start(t)
	p := pulltest.NewPod(t, s)
	stop := p.Run()
	s.Write(t, pulltest.Documents(0, 30)...)
	p.Await(30)
	stop()
	s.Write(t, pulltest.Documents(30, 60)...)
	s.expire(t, 15)
	p.Run()
	awaitMissed(t, p, 15)
	p.Await(45)
	require.Contains(t, p.Source().Counters.Rejected[reject.Missed].Example, "the brokers removed offsets 10 to 14 before they were read")
	require.Contains(t, p.Runner.State().LastGap, "topic shop.events")
	require.EqualValues(t, 45, p.Source().Counters.Accepted)
}

// The topic with the same name is another one: its offsets begin again, and none of its messages counts as one of the former.
func TestARecreatedTopicIsAnotherOne(t *testing.T) {
	s := start(t)
	p := pulltest.NewPod(t, s)
	p.Run()
	s.Write(t, pulltest.Documents(0, 30)...)
	p.Await(30)
	_, err := s.Admin.DeleteTopic(t.Context(), topic)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		problem := p.Runner.State().Problem
		return problem != nil && problem.Reason == pull.NotFound
	}, waitFor, tick)
	s.Create(t, topic, 3)
	s.Connect(t) // The client of before still writes to the former topic.
	s.Write(t, pulltest.Documents(100, 130)...)
	p.Await(60)
	awaitMissed(t, p, 3)
	require.Contains(t, p.Source().Counters.Rejected[reject.Missed].Example, "was deleted and created again: the former one was read up to offset 10")
	require.Nil(t, p.Runner.State().Problem)
	p.Check(60, true)
}

func TestTwoProcessesDivideThePartitions(t *testing.T) {
	s := start(t)
	p := pulltest.NewPod(t, s)
	first := p.Start(t, "till-1")
	s.Write(t, pulltest.Documents(0, 100)...)
	p.Await(100)
	second := p.Start(t, "till-2")
	for n := 100; n < 1000; n += 100 {
		s.Write(t, pulltest.Documents(n, n+100)...)
	}
	p.Await(1000)
	require.Eventually(t, func() bool { return s.members(t) == 2 }, waitFor, tick)
	s.Write(t, pulltest.Documents(1000, 1300)...)
	first.Stop(t)
	s.Write(t, pulltest.Documents(1300, 1500)...)
	p.Await(1500)
	third := p.Start(t, "till-3")
	second.Stop(t)
	s.Write(t, pulltest.Documents(1500, 1600)...)
	p.Await(1600)
	third.Stop(t)
	p.Check(1600, true)
}

// members returns the number of members of the group with partitions.
func (s system) members(t *testing.T) (n int) {
	t.Helper()
	groups, err := s.Admin.DescribeGroups(t.Context(), "journeyman.shop.till")
	require.NoError(t, err)
	for _, m := range groups["journeyman.shop.till"].Members {
		if a, ok := m.Assigned.AsConsumer(); ok && len(a.Topics) > 0 {
			n++
		}
	}
	return n
}

func TestABrokerIsKilled(t *testing.T) {
	s := start(t)
	p := pulltest.NewPod(t, s)
	p.Start(t, "till-1")
	n := 0
	for k := range pulltest.Kills() / 10 {
		s.Write(t, pulltest.Documents(n, n+20)...)
		n += 20
		p.Await(n - k%20)
		s.Kill()
		s.Restart(t)
	}
	p.Await(n)
	p.Check(n, true)
}

func TestWhereToBegin(t *testing.T) {
	for name, k := range map[string]v1alpha1.KafkaTransport{"latest": {Start: v1alpha1.KafkaLatest}, "earliest": {Start: v1alpha1.KafkaEarliest}} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			s.Write(t, pulltest.Documents(0, 9)...)
			p := pulltest.NewPod(t, s)
			p.Config.Source.Transport.Kafka.Start = k.Start
			stop := p.Run()
			require.Eventually(t, func() bool { return p.Runner.State().Partitions == 3 }, waitFor, tick)
			stop()
			// What is written while no pod runs is read, also with Latest, and also from partitions without messages until now.
			s.Write(t, pulltest.Documents(9, 18)...)
			_, err := s.Admin.CreatePartitions(t.Context(), 1, topic)
			require.NoError(t, err)
			s.WriteTo(t, topic, 3, pulltest.Documents(18, 20)...)
			p.Run()
			want := 20
			if name == "latest" {
				want = 11
			}
			p.Await(want)
			p.Check(want, true)
		})
	}
}

// lag returns that of a pod; -1 if it is unknown.
func lag(p *pulltest.Pod) int64 {
	if l := p.Runner.State().Lag; l != nil {
		return *l
	}
	return -1
}

func TestLagIsKnownAndCommitted(t *testing.T) {
	s := start(t)
	p := pulltest.NewPod(t, s)
	s.Write(t, pulltest.Documents(0, 30)...)
	p.Run()
	p.Await(30)
	require.Eventually(t, func() bool { return lag(p) == 0 && !p.Runner.State().CaughtUpTime.IsZero() }, waitFor, tick)
	require.Eventually(t, func() bool {
		lags, err := s.Admin.Lag(t.Context(), "journeyman.shop.till")
		return err == nil && lags["journeyman.shop.till"].Lag.Total() == 0
	}, waitFor, tick, "the group's offsets follow")
}

// What the store refuses is lag. A reader that begins with a backlog says so, and not 0, which it would be before it knows how far the topic is.
func TestLagCountsWhatIsNotStored(t *testing.T) {
	s := start(t)
	p := pulltest.NewPod(t, s)
	stop := p.Run()
	s.Write(t, pulltest.Documents(0, 3)...)
	p.Await(3)
	require.Eventually(t, func() bool { return lag(p) == 0 }, waitFor, tick)
	p.Store.Fail(store.ErrFull)
	s.Write(t, pulltest.Documents(3, 30)...)
	require.Eventually(t, func() bool { return lag(p) > 0 }, waitFor, tick)
	stop()
	var seen []int64
	p.Run()
	require.Eventually(t, func() bool {
		seen = append(seen, lag(p))
		return seen[len(seen)-1] == 27
	}, waitFor, time.Millisecond)
	require.NotContains(t, seen, int64(0))
	require.True(t, p.Runner.State().CaughtUpTime.IsZero())
	p.Store.Fail(nil)
	p.Await(30)
	require.Eventually(t, func() bool { return lag(p) == 0 && !p.Runner.State().CaughtUpTime.IsZero() }, waitFor, tick)
}

// Each of two pods knows the lag of its partitions, so that the sum is that of the topic.
func TestLagOfTwoPods(t *testing.T) {
	s := start(t)
	first := pulltest.NewPod(t, s)
	second := first.Another()
	first.Run()
	second.Run()
	both := func(want int64) func() bool {
		return func() bool {
			a, b := first.Runner.State(), second.Runner.State()
			return a.Partitions+b.Partitions == 3 && a.Partitions*b.Partitions > 0 && a.Lag != nil && b.Lag != nil && *a.Lag+*b.Lag == want
		}
	}
	s.Write(t, pulltest.Documents(0, 30)...)
	first.Await(30)
	require.Eventually(t, both(0), waitFor, tick)
	first.Store.Fail(store.ErrFull)
	s.Write(t, pulltest.Documents(30, 90)...)
	require.Eventually(t, both(60), waitFor, tick)
	first.Store.Fail(nil)
	first.Await(90)
	require.Eventually(t, both(0), waitFor, tick)
	first.Check(90, true)
}

func TestErrorsSayWhatToDo(t *testing.T) {
	s := start(t)
	for name, c := range map[string]struct {
		change  func(k *v1alpha1.KafkaTransport)
		reason  string
		message string
	}{
		"no topic":  {func(k *v1alpha1.KafkaTransport) { k.Topics = []v1alpha1.KafkaTopic{"nobody"} }, pull.NotFound, "topic nobody does not exist"},
		"no broker": {func(k *v1alpha1.KafkaTransport) { k.Brokers = []v1alpha1.BrokerAddress{"127.0.0.1:1"} }, pull.Unreachable, "spec.transport.kafka.brokers"},
	} {
		t.Run(name, func(t *testing.T) {
			p := pulltest.NewPod(t, s)
			c.change(p.Config.Source.Transport.Kafka)
			p.Run()
			require.Eventually(t, func() bool { return p.Runner.State().Problem != nil }, waitFor, tick)
			problem := p.Runner.State().Problem
			require.Equal(t, c.reason, problem.Reason)
			require.Contains(t, problem.Message, c.message)
		})
	}
}
