// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package amqp_test

import (
	"strings"
	"testing"
	"time"

	client "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/test/rig/rabbitmq"
)

// All tests share one server, because it starts slowly.
func TestRabbitMQ(t *testing.T) {
	s := rabbitmq.Start(t)
	for name, test := range map[string]func(t *testing.T, s *rabbitmq.Server){
		"quorum queue": quorum, "classic queue": classic, "ids": ids, "dead letters": deadLetters, "large messages": largeMessages, "largest messages": largestMessages, "lag": lag,
		"rules": rules, "formats": formats, "several pods": severalPods, "problems": problems, "a deleted queue": deletedQueue, "certificates": certificates,
	} {
		t.Run(name, func(t *testing.T) { test(t, s) })
	}
	t.Run("a broker that is killed", func(t *testing.T) { killedBroker(t, s) })
}

func quorum(t *testing.T, s *rabbitmq.Server) {
	pulltest.Run(t, func(t *testing.T) pulltest.System { return queue(t, s, client.QueueTypeQuorum, nil) })
}

// Messages without an id are known by their content, if the event has a time of its own.
func classic(t *testing.T, s *rabbitmq.Server) {
	q := queue(t, s, client.QueueTypeClassic, nil)
	q.ids = false
	p := pulltest.NewPod(t, q)
	p.Store.Fail(store.ErrUnavailable)
	q.Write(t, pulltest.Documents(0, 2000)...)
	stop := p.Run()
	require.Eventually(t, func() bool { return p.Store.Refused() > 2 }, time.Minute, 10*time.Millisecond)
	stop()
	p.Store.Fail(nil)
	p.Run()
	p.Await(2000)
	q.Write(t, pulltest.Documents(2000, 6000)...)
	p.Await(6000)
	p.Check(6000, false)
	require.Eventually(t, func() bool { l := p.Runner.State().Lag; return l != nil && *l == 0 }, time.Minute, 50*time.Millisecond)
}

func killedBroker(t *testing.T, s *rabbitmq.Server) {
	q := queue(t, s, client.QueueTypeQuorum, nil)
	s.AwaitQuorum(t, q.name)
	p := pulltest.NewPod(t, q)
	p.Run()
	kills := pulltest.Kills() / 25
	for k := range kills {
		q.Write(t, pulltest.Documents(20*k, 20*k+20)...)
		if k%2 > 0 {
			p.Await(20*k + 5)
		}
		s.Kill()
		s.Restart(t)
	}
	p.Await(20 * kills)
	p.Check(20*kills, false)
}

func ids(t *testing.T, s *rabbitmq.Server) {
	q := queue(t, s, client.QueueTypeQuorum, nil)
	p := pulltest.NewPod(t, q)
	p.Config.Source.Mapping[0].Event.Time = ""
	document := []byte(pulltest.Documents(0, 1)[0])
	at := time.Now().Add(-time.Hour)
	q.publish(t,
		client.Publishing{Body: document, MessageId: "q-1"}, client.Publishing{Body: document, MessageId: "q-1"},
		client.Publishing{Body: document, Timestamp: at}, client.Publishing{Body: document, Timestamp: at.Add(time.Second)},
		client.Publishing{Body: document, MessageId: "undefined", Timestamp: at.Add(2 * time.Second)},
		client.Publishing{Body: document}, client.Publishing{Body: document})
	p.Run()
	p.Await(6)
	source := p.Source()
	require.EqualValues(t, 1, source.Duplicates, "q-1")
	require.EqualValues(t, 2, source.Counters.WithoutID, "redelivery can count these twice")
	require.EqualValues(t, 1, source.Counters.PlaceholderIDs)
}

// What is refused is counted with its reason, and rejected for the dead letter exchange. The rest is acknowledged.
func deadLetters(t *testing.T, s *rabbitmq.Server) {
	dead := queue(t, s, client.QueueTypeClassic, nil)
	q := queue(t, s, client.QueueTypeQuorum, client.Table{"x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead.name})
	p := pulltest.NewPod(t, q)
	good := pulltest.Documents(0, 6)
	q.Write(t, "poison", good[0], `{"unmapped": true}`, good[1], good[2], "["+good[3]+`, {"unmapped": true}]`)
	q.publish(t, client.Publishing{Body: make([]byte, 3<<20)})
	q.Write(t, good[4], good[5])
	q.publish(t, client.Publishing{Body: []byte("x"), ContentEncoding: "gzip"})
	p.Run()
	p.Await(6)
	p.Check(6, false)
	require.Eventually(t, func() bool { return dead.left(t, dead.name) == 5 && q.left(t, q.name) == 0 }, time.Minute, 20*time.Millisecond)
	require.Eventually(t, func() bool { l := p.Runner.State().Lag; return l != nil && *l == 0 }, time.Minute, 20*time.Millisecond)
	counters := p.Source().Counters.Rejected
	require.EqualValues(t, 2, counters[reject.BadJSON].Count)
	require.EqualValues(t, 1, counters[reject.BodyTooLarge].Count)
	first, ok, err := dead.channel.Get(dead.name, true)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, "poison", string(first.Body))
	require.Equal(t, "rejected", first.Headers["x-first-death-reason"])
	all := int64(0)
	for _, r := range counters {
		all += r.Count
	}
	require.EqualValues(t, 5, all)
}

// Small messages make the window large, and then large ones arrive: the memory stays limited.
func largeMessages(t *testing.T, s *rabbitmq.Server) {
	q := queue(t, s, client.QueueTypeClassic, nil)
	p := pulltest.NewPod(t, q)
	q.Write(t, pulltest.Documents(0, 3000)...)
	p.Run()
	p.Await(3000)
	space := strings.Repeat(" ", 400<<10)
	for n := 3000; n < 3100; n += 10 {
		documents := pulltest.Documents(n, n+10)
		for i := range documents {
			documents[i] += space
		}
		q.Write(t, documents...)
	}
	p.Await(3100)
	p.Check(3100, false)
}

// The largest messages that a source accepts are larger than what may be in flight, for more than a few of them.
func largestMessages(t *testing.T, s *rabbitmq.Server) {
	q := queue(t, s, client.QueueTypeClassic, nil)
	p := pulltest.NewPod(t, q)
	size := resource.MustParse("6Mi")
	p.Config.Source.Limits = &v1alpha1.SourceLimits{MaxBodySize: &size}
	q.Write(t, pulltest.Documents(0, 1000)...)
	p.Run()
	p.Await(1000)
	space := strings.Repeat(" ", 5<<20)
	for n := 1000; n < 1012; n += 4 {
		documents := pulltest.Documents(n, n+4)
		for i := range documents {
			documents[i] += space
		}
		q.Write(t, documents...)
	}
	p.Await(1012)
	p.Check(1012, false)
}

func lag(t *testing.T, s *rabbitmq.Server) {
	q := queue(t, s, client.QueueTypeQuorum, nil)
	p := pulltest.NewPod(t, q)
	q.Write(t, pulltest.Documents(0, 40)...)
	p.Store.Fail(store.ErrFull)
	p.Run()
	require.Eventually(t, func() bool { return p.Store.Refused() > 0 }, time.Minute, 10*time.Millisecond)
	require.EqualValues(t, 40, *p.Runner.State().Lag, "those in flight are not stored")
	p.Store.Fail(nil)
	p.Await(40)
	require.Eventually(t, func() bool {
		state := p.Runner.State()
		return state.Lag != nil && *state.Lag == 0 && !state.CaughtUpTime.IsZero()
	}, time.Minute, 50*time.Millisecond)
}

func rules(t *testing.T, s *rabbitmq.Server) {
	q := queue(t, s, client.QueueTypeQuorum, nil)
	p := pulltest.NewPod(t, q)
	p.Config.Source.Mapping[0].Event.Name = `[message.queue, message.exchange, message.routingKey, message.id, message.type, message.app, headers.kind, ` +
		`headers["content-type"], string(message.redelivered), string(message.timestamp)].join(" ").replace(message.queue, "Q")`
	q.publish(t, client.Publishing{
		Body: []byte(pulltest.Documents(0, 1)[0]), MessageId: "q-7", Type: "order", AppId: "shop", ContentType: "application/json",
		Headers: client.Table{"Kind": "new", "n": int32(5), "list": []any{"a"}}, Timestamp: time.Unix(1795256097, 0),
	})
	p.Run()
	p.Await(1)
	require.Equal(t, "Q  Q q-7 order shop new application/json false 2026-11-21T10:14:57Z", p.Store.Events()[0].Name)
}

func formats(t *testing.T, s *rabbitmq.Server) {
	q := queue(t, s, client.QueueTypeQuorum, nil)
	q.transport.Format = v1alpha1.MessagesCloudEvents
	p := pulltest.NewPod(t, q)
	p.Config.Source.Mapping[0].Event.Time, p.Config.Source.Mapping[0].Event.Identities = "", map[string]v1alpha1.CELExpression{"customerId": "body.id"}
	for id, prefix := range map[string]string{"a": "cloudEvents_", "b": "cloudEvents:"} {
		q.publish(t, client.Publishing{Body: []byte(`{"n":1}`), ContentType: "application/json", Headers: client.Table{
			prefix + "specversion": "1.0", prefix + "id": id, prefix + "source": "/shop", prefix + "type": "order",
		}})
	}
	q.publish(t, client.Publishing{
		Body: []byte(`{"specversion":"1.0","id":"c","source":"/shop","type":"order","data":{"n":2}}`), ContentType: "application/cloudevents+json",
	})
	p.Run()
	p.Await(3)
	p.Check(3, false)
}

// Two pods share a queue, and one of them is killed with what it has.
func severalPods(t *testing.T, s *rabbitmq.Server) {
	q := queue(t, s, client.QueueTypeQuorum, nil)
	p := pulltest.NewPod(t, q)
	q.Write(t, pulltest.Documents(0, 500)...)
	first := p.Start(t, "till-1")
	p.Start(t, "till-2")
	q.Write(t, pulltest.Documents(500, 1000)...)
	p.Await(600)
	first.Kill(t)
	q.Write(t, pulltest.Documents(1000, 1100)...)
	p.Await(1100)
	p.Check(1100, false)
}
