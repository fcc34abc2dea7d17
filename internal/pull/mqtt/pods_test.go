// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mqtt_test

import (
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/test/rig/mosquitto"
)

// Three pods share the topics. One is killed with what it has, and one with another name takes its place.
func severalPods(t *testing.T, s *mosquitto.Server) {
	q := topic(t, s, 3)
	p := pulltest.NewPod(t, q)
	p.Config.Source.Scaling = &v1alpha1.Scaling{MinReplicas: new(int32(3))}
	q.Write(t, pulltest.Documents(0, 500)...)
	first := p.Start(t, "till-1")
	p.Start(t, "till-2")
	p.Start(t, "till-3")
	q.Write(t, pulltest.Documents(500, 1000)...)
	p.Await(1000)
	first.Kill(t)
	q.Write(t, pulltest.Documents(1000, 1100)...)
	p.Start(t, "till-4")
	p.Await(1100)
	q.Write(t, pulltest.Documents(1100, 1200)...)
	p.Await(1200)
	p.Check(1200, false)
}

// inPods runs the source in pods.
func inPods(p *pulltest.Pod, pods int32) (stop func()) {
	p.Config.Source.Scaling = &v1alpha1.Scaling{MinReplicas: new(pods)}
	first := p.Run()
	if pods == 1 {
		return first
	}
	second := p.Another().Run()
	return func() {
		first()
		second()
	}
}

// A source gets more pods: its subscription changes from its own to a shared one, and nothing is read twice after that.
func morePods(t *testing.T, s *mosquitto.Server) {
	q := topic(t, s, 1)
	for _, pods := range []int32{1, 2} {
		p := pulltest.NewPod(t, q)
		stop := inPods(p, pods)
		deliveries := func() int64 { return p.Source().Counters.Accepted }
		n := 0
		require.Eventually(t, func() bool { // The other subscription is removed a moment later.
			before := deliveries()
			q.Write(t, pulltest.Documents(n, n+1)...)
			n++
			require.Eventually(t, func() bool { return deliveries() > before }, time.Minute, time.Millisecond)
			time.Sleep(50 * time.Millisecond) // for a second delivery, if there is one
			return deliveries() == before+1
		}, time.Minute, time.Millisecond)
		q.Write(t, pulltest.Documents(n, n+100)...)
		p.Await(n + 100)
		p.Check(n+100, false)
		stop()
	}
}

// A source gets fewer pods. What the broker gives to the session that is left out, before the other one has a subscription of its own, waits there until
// there are as many pods again.
func fewerPods(t *testing.T, s *mosquitto.Server) {
	q := topic(t, s, 2)
	p := pulltest.NewPod(t, q)
	n := 40
	q.Write(t, pulltest.Documents(0, n)...)
	stop := inPods(p, 1)
	deliveries := func() int64 { return p.Source().Counters.Accepted }
	inTurn := 0
	require.Eventually(t, func() bool { // A shared subscription gives it every other message, and both together give some twice.
		before := deliveries()
		q.Write(t, pulltest.Documents(n, n+1)...)
		n++
		time.Sleep(50 * time.Millisecond)
		if inTurn++; deliveries() != before+1 {
			inTurn = 0
		}
		return inTurn == 4
	}, time.Minute, time.Millisecond)
	read, twice := deliveries(), p.Source().Duplicates
	q.Write(t, pulltest.Documents(n, n+100)...)
	n += 100
	require.Eventually(t, func() bool { return deliveries() >= read+100 }, time.Minute, 10*time.Millisecond)
	require.Equal(t, twice, p.Source().Duplicates, "nothing is read twice")
	require.Less(t, len(p.Store.Events()), n, "some wait in the other session")
	stop()
	inPods(p, 2)
	p.Await(n)
	p.Check(n, false)
}

// A pod with another name continues with the session of the one before, and takes it if that is still there.
func newPod(t *testing.T, s *mosquitto.Server) {
	q := topic(t, s, 1)
	p := pulltest.NewPod(t, q)
	q.Write(t, pulltest.Documents(0, 100)...)
	old := p.Start(t, "till-old")
	p.Await(100)
	q.Write(t, pulltest.Documents(100, 200)...)
	p.Start(t, "till-new")
	q.Write(t, pulltest.Documents(200, 300)...)
	p.Await(300)
	old.Kill(t)
	q.Write(t, pulltest.Documents(300, 400)...)
	p.Await(400)
	p.Check(400, false)
}

// A session keeps the subscription to a topic that the source does not have any more.
func earlierTopics(t *testing.T, s *mosquitto.Server) {
	q := topic(t, s, 1)
	p := pulltest.NewPod(t, q)
	q.transport.Topics = []v1alpha1.MQTTTopic{"elsewhere/+"}
	p.Config.Source.Transport = q.Transport()
	q.Write(t, pulltest.Documents(0, 10)...)
	p.Store.Fail(store.ErrUnavailable) // It is not asked.
	p.Run()
	require.Eventually(t, func() bool {
		q.publish(t, &paho.Publish{Topic: "elsewhere/a", QoS: 1, Payload: []byte(pulltest.Documents(10, 11)[0]), Properties: &paho.PublishProperties{
			User: paho.UserProperties{{Key: "message-id", Value: "e-1"}},
		}})
		return p.Store.Refused() > 0
	}, time.Minute, 10*time.Millisecond)
	p.Store.Fail(nil)
	p.Await(1)
	p.Check(1, false)
}
