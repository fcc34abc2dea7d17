// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mqtt_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/test/rig/mosquitto"
)

func TestMosquitto(t *testing.T) {
	s := mosquitto.Start(t)
	for name, test := range map[string]func(t *testing.T, s *mosquitto.Server){
		"QoS 1": suite(1), "QoS 2": suite(2), "without ids": withoutIDs, "ids": ids, "retained": retained, "QoS 0": qos0, "set aside": setAside,
		"large messages": largeMessages, "rules": rules, "formats": formats, "several pods": severalPods, "more pods": morePods, "fewer pods": fewerPods,
		"a new pod": newPod, "earlier topics": earlierTopics, "problems": problems, "certificates": certificates, "mosquitto_pub": mosquittoPub,
	} {
		t.Run(name, func(t *testing.T) { test(t, s) })
	}
}

// Kills of ingestion, the store and the broker.
func TestKills(t *testing.T) {
	s := mosquitto.Start(t)
	pulltest.RunKills(t, topic(t, s, 1), pulltest.Kills(), 5)
}

func suite(qos byte) func(t *testing.T, s *mosquitto.Server) {
	return func(t *testing.T, s *mosquitto.Server) {
		pulltest.Run(t, func(t *testing.T) pulltest.System {
			q := topic(t, s, 1)
			q.qos, q.transport.QoS = qos, int32(qos)
			return q
		})
	}
}

// Messages without an id are known by their content, if the event has a time of its own.
func withoutIDs(t *testing.T, s *mosquitto.Server) {
	q := topic(t, s, 1)
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
}

func ids(t *testing.T, s *mosquitto.Server) {
	q := topic(t, s, 1)
	p := pulltest.NewPod(t, q)
	p.Config.Source.Mapping[0].Event.Time = ""
	document := []byte(pulltest.Documents(0, 1)[0])
	for _, property := range []string{"message-id=q-1", "MessageID=q-1", "message_id=q-1", "message-id=undefined", "other=q-2", "other=q-2"} {
		name, id, _ := strings.Cut(property, "=")
		q.publish(t, &paho.Publish{Topic: q.topic, QoS: 1, Payload: document, Properties: &paho.PublishProperties{User: paho.UserProperties{{Key: name, Value: id}}}})
	}
	p.Run()
	p.Await(4)
	source := p.Source()
	require.EqualValues(t, 2, source.Duplicates, "q-1")
	require.EqualValues(t, 3, source.Counters.WithoutID, "redelivery can count these twice")
	require.EqualValues(t, 1, source.Counters.PlaceholderIDs)
}

// What a topic keeps for new subscribers has not just happened.
func retained(t *testing.T, s *mosquitto.Server) {
	q := topic(t, s, 0)
	q.publish(t, &paho.Publish{Topic: q.topic, QoS: 1, Retain: true, Payload: []byte(pulltest.Documents(0, 1)[0])})
	p := pulltest.NewPod(t, q)
	stop := p.Run()
	require.Eventually(t, func() bool { // Until there is a subscription, messages are for nobody.
		q.Write(t, pulltest.Documents(1, 2)...)
		return p.Source().Counters.Accepted > 0
	}, time.Minute, 10*time.Millisecond)
	stop()
	q.publish(t, &paho.Publish{Topic: q.topic, QoS: 1, Retain: true, Payload: []byte(pulltest.Documents(2, 3)[0])})
	p.Run()
	p.Await(1)
	for _, e := range p.Store.Events() {
		require.NotContains(t, fmt.Sprint(e.Identities), "c-0")
	}
	q.Write(t, pulltest.Documents(3, 4)...)
	require.Eventually(t, func() bool { return strings.Contains(fmt.Sprint(p.Store.Events()), "c-3") }, time.Minute, 10*time.Millisecond)
	require.Contains(t, fmt.Sprint(p.Store.Events()), "c-2", "for a session, a new message is an event, and its publisher's wish to keep it says nothing else")
}

// Messages of QoS 0 are stored, and lost with a pod.
func qos0(t *testing.T, s *mosquitto.Server) {
	q := topic(t, s, 1)
	p := pulltest.NewPod(t, q)
	q.Write(t, pulltest.Documents(0, 1)...)
	p.Run()
	p.Await(1)
	q.qos = 0
	q.Write(t, pulltest.Documents(1, 20)...)
	p.Await(20)
	p.Check(20, false)
}

// What is refused is counted with its reason, and acknowledged, so that it is not delivered again.
func setAside(t *testing.T, s *mosquitto.Server) {
	q := topic(t, s, 1)
	p := pulltest.NewPod(t, q)
	good := pulltest.Documents(0, 6)
	q.Write(t, "poison", good[0], `{"unmapped": true}`, good[1], good[2], "["+good[3]+`, {"unmapped": true}]`, strings.Repeat("x", 3<<20), good[4], good[5])
	stop := p.Run()
	p.Await(6)
	p.Check(6, false)
	refused := func() (all int64) {
		for _, r := range p.Source().Counters.Rejected {
			all += r.Count
		}
		return all
	}
	require.Eventually(t, func() bool { return refused() == 4 }, time.Minute, 10*time.Millisecond)
	counters := p.Source().Counters.Rejected
	require.EqualValues(t, 1, counters[reject.BadJSON].Count)
	require.EqualValues(t, 1, counters[reject.BodyTooLarge].Count)
	stop()
	q.Write(t, pulltest.Documents(6, 7)...)
	p.Run()
	p.Await(7)
	require.EqualValues(t, 4, refused())
}

// The memory for messages that wait for the store stays limited, and the connection stays.
func largeMessages(t *testing.T, s *mosquitto.Server) {
	q := topic(t, s, 1)
	p := pulltest.NewPod(t, q)
	size := resource.MustParse("6Mi")
	p.Config.Source.Limits = &v1alpha1.SourceLimits{MaxBodySize: &size}
	q.Write(t, pulltest.Documents(0, 1)...)
	p.Run()
	p.Await(1)
	p.Store.Fail(store.ErrFull)
	space := strings.Repeat(" ", 5<<20)
	for n := 1; n < 25; n++ {
		q.Write(t, pulltest.Documents(n, n+1)[0]+space)
	}
	q.qos = 0
	q.Write(t, pulltest.Documents(25, 26)[0]+space)
	require.Eventually(t, func() bool { return p.Store.Refused() > 2 }, time.Minute, 10*time.Millisecond)
	p.Store.Fail(nil)
	p.Await(26)
	p.Check(26, false)
	require.Zero(t, p.Source().Duplicates, "nothing was delivered again")
}

func rules(t *testing.T, s *mosquitto.Server) {
	q := topic(t, s, 1)
	q.transport.Topics = append(q.transport.Topics, "other/#")
	p := pulltest.NewPod(t, q)
	p.Config.Source.Mapping[0].Event.Name = `[message.topic.split("/")[2], message.id, string(message.qos), string(message.duplicate), headers.kind, ` +
		`headers["content-type"]].join(" ")`
	q.publish(t, &paho.Publish{Topic: q.topic, QoS: 1, Payload: []byte(pulltest.Documents(0, 1)[0]), Properties: &paho.PublishProperties{
		ContentType: "application/json", User: paho.UserProperties{{Key: "Kind", Value: "old"}, {Key: "kind", Value: "new"}, {Key: "message-id", Value: "q-7"}},
	}})
	p.Run()
	p.Await(1)
	require.Equal(t, "orders q-7 1 false new application/json", p.Store.Events()[0].Name)
}

func formats(t *testing.T, s *mosquitto.Server) {
	q := topic(t, s, 1)
	q.transport.Format = v1alpha1.MessagesCloudEvents
	p := pulltest.NewPod(t, q)
	p.Config.Source.Mapping[0].Event.Time, p.Config.Source.Mapping[0].Event.Identities = "", map[string]v1alpha1.CELExpression{"customerId": "body.id"}
	q.publish(t, &paho.Publish{Topic: q.topic, QoS: 1, Payload: []byte(`{"n":1}`), Properties: &paho.PublishProperties{
		ContentType: "application/json", User: paho.UserProperties{
			{Key: "specversion", Value: "1.0"}, {Key: "id", Value: "a%20b"}, {Key: "source", Value: "/shop"}, {Key: "type", Value: "order"}, {Key: "x-trace", Value: "t"},
		},
	}})
	q.publish(t, &paho.Publish{
		Topic: q.topic, QoS: 1, Payload: []byte(`{"specversion":"1.0","id":"c","source":"/shop","type":"order","data":{"n":2}}`),
		Properties: &paho.PublishProperties{ContentType: "application/cloudevents+json; charset=utf-8"},
	})
	p.Run()
	p.Await(2)
	p.Check(2, false)
	require.Contains(t, fmt.Sprint(p.Store.Events()[0].Identities), "a%20b")
}

// An independent client publishes a line of its input as a message.
func mosquittoPub(t *testing.T, s *mosquitto.Server) {
	program, err := exec.LookPath("mosquitto_pub")
	if err != nil {
		t.Skip("mosquitto_pub is not there: install the package mosquitto-clients")
	}
	q := topic(t, s, 1)
	p := pulltest.NewPod(t, q)
	host, port, _ := strings.Cut(s.Address, ":")
	pub := func(input string, args ...string) {
		args = append([]string{"-V", "5", "-h", host, "-p", port, "-u", mosquitto.Admin, "-P", mosquitto.Password, "-t", q.topic}, args...)
		c := exec.CommandContext(t.Context(), program, args...)
		c.Stdin = strings.NewReader(input)
		out, err := c.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	pub(strings.Join(pulltest.Documents(0, 100), "\n"), "-q", "2", "-l")
	for range 2 { // The command of the page about mqtt.
		pub("", "-q", "1", "-D", "PUBLISH", "user-property", "message-id", "r-4711", "-D", "PUBLISH", "content-type", "application/json",
			"-m", pulltest.Documents(100, 101)[0])
	}
	p.Run()
	p.Await(101)
	p.Check(101, false)
	require.Eventually(t, func() bool { return p.Source().Duplicates == 1 }, time.Minute, time.Millisecond)
}
