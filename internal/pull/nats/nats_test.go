// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package nats_test

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/pki"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/test/rig/nats"
)

func TestMain(m *testing.M) { pulltest.Main(m) }

const stream, subject, durable = "SHOP", "shop.orders", "journeyman_shop_till"

// system is a stream.
type system struct {
	*nats.Server
	js jetstream.JetStream
	// transport is changed by tests.
	transport v1alpha1.NATSTransport
}

func start(t *testing.T) *system {
	t.Helper()
	s := with(t, "")
	// Messages that a killed process had are delivered again after a second rather than after half a minute.
	_, err := s.js.CreateConsumer(t.Context(), stream, jetstream.ConsumerConfig{
		Durable: durable, AckPolicy: jetstream.AckExplicitPolicy, AckWait: time.Second, MaxDeliver: -1,
	})
	require.NoError(t, err)
	return s
}

func with(t *testing.T, config string, opts ...client.Option) *system {
	t.Helper()
	s := &system{Server: nats.Start(t, config, opts...)}
	s.js = s.JetStream(t)
	s.create(t)
	s.transport = v1alpha1.NATSTransport{Servers: []v1alpha1.BrokerAddress{v1alpha1.BrokerAddress(s.Address)}, Stream: stream}
	return s
}

func (s *system) create(t *testing.T) {
	t.Helper()
	_, err := s.js.CreateStream(t.Context(), jetstream.StreamConfig{Name: stream, Subjects: []string{"shop.>"}, Storage: jetstream.FileStorage})
	require.NoError(t, err)
}

func (s *system) Transport() v1alpha1.Transport { return v1alpha1.Transport{NATS: &s.transport} }

func (s *system) Write(t testing.TB, documents ...string) {
	t.Helper()
	for _, d := range documents {
		s.publish(t, client.NewMsg(subject), d)
	}
}

// publish publishes until the server confirms it. The server can be killed in between.
func (s *system) publish(t testing.TB, m *client.Msg, body string) {
	t.Helper()
	m.Data = []byte(body)
	_, err := s.js.PublishMsg(t.Context(), m)
	require.NoError(t, err)
}

func (s *system) ExactlyOnce() bool { return false }

func TestSuite(t *testing.T) {
	pulltest.Run(t, func(t *testing.T) pulltest.System { return start(t) })
}

// The server is killed in between, and nothing is lost or counted twice: messages have an id in the stream.
func TestAServerThatIsKilled(t *testing.T) {
	s := start(t)
	p := pulltest.NewPod(t, s)
	p.Run()
	for k := range pulltest.Kills() / 10 {
		s.js = s.JetStream(t)
		s.Write(t, pulltest.Documents(10*k, 10*k+10)...)
		if k%2 > 0 {
			p.Await(10*k + 5)
		}
		s.Kill(t)
		s.Restart(t)
	}
	n := pulltest.Kills()
	p.Await(n)
	p.Check(n, false)
}

// A message that is published twice, outside the window in which the server notices, is one event by its id. One without an id is known by its place in
// the stream, and a stream that was created again is another one.
func TestIDs(t *testing.T) {
	s := with(t, "")
	p := pulltest.NewPod(t, s)
	stop := p.Run()
	m := client.NewMsg(subject)
	m.Header.Set(jetstream.MsgIDHeader, "q-1")
	s.publish(t, m, pulltest.Documents(0, 1)[0])
	p.Await(1)
	stop()
	require.NoError(t, s.js.DeleteStream(t.Context(), stream))
	s.create(t)
	s.publish(t, m, pulltest.Documents(0, 1)[0])
	s.Write(t, pulltest.Documents(1, 3)...)
	stop = p.Run()
	p.Await(3)
	p.Check(3, false)
	require.EqualValues(t, 1, p.Source().Duplicates, "q-1")
	stop()
	require.NoError(t, s.js.DeleteStream(t.Context(), stream))
	s.create(t)
	s.Write(t, pulltest.Documents(3, 6)...)
	p.Run()
	p.Await(6)
	p.Check(6, false)
}

// An id that is a placeholder is none: equal messages are different events.
func TestPlaceholders(t *testing.T) {
	s := with(t, "")
	p := pulltest.NewPod(t, s)
	p.Config.Source.Mapping[0].Event.Time = ""
	for _, id := range []string{"undefined", "null", "None"} { // The server itself leaves out a second one.
		m := client.NewMsg(subject)
		m.Header.Set(jetstream.MsgIDHeader, id)
		s.publish(t, m, pulltest.Documents(0, 1)[0])
	}
	p.Run()
	p.Await(3)
	require.EqualValues(t, 3, p.Source().Counters.PlaceholderIDs)
}

func TestLagAndWhere(t *testing.T) {
	s := with(t, "")
	s.transport.Subjects = []v1alpha1.NATSSubject{"shop.orders", "shop.carts"}
	p := pulltest.NewPod(t, s)
	p.Config.Source.Mapping[0].Event.Name = `message.stream + "/" + message.subject + "/" + string(message.sequence) + headers.kind`
	m := client.NewMsg("shop.carts")
	m.Header.Set("Kind", "!")
	s.publish(t, client.NewMsg("shop.other"), pulltest.Documents(0, 1)[0])
	s.publish(t, m, pulltest.Documents(1, 2)[0])
	p.Store.Fail(store.ErrFull)
	p.Run()
	require.Eventually(t, func() bool { return p.Store.Refused() > 0 }, time.Minute, 10*time.Millisecond)
	require.EqualValues(t, 1, *p.Runner.State().Lag)
	p.Store.Fail(nil)
	p.Await(1)
	require.Eventually(t, func() bool { l := p.Runner.State().Lag; return l != nil && *l == 0 }, time.Minute, 50*time.Millisecond)
}

func TestAMessageThatIsTooLargeIsSetAside(t *testing.T) {
	s := with(t, "max_payload: 8MB")
	p := pulltest.NewPod(t, s)
	s.Write(t, `{"n":"`+string(make([]byte, 6<<20))+`"}`)
	s.Write(t, pulltest.Documents(0, 3)...)
	p.Run()
	p.Await(3)
	require.EqualValues(t, 1, p.Source().Counters.Rejected[reject.BodyTooLarge].Count)
}

func TestFormats(t *testing.T) {
	s := with(t, "")
	s.transport.Format = v1alpha1.MessagesCloudEvents
	p := pulltest.NewPod(t, s)
	p.Config.Source.Mapping[0].Event.Time, p.Config.Source.Mapping[0].Event.Identities = "", map[string]v1alpha1.CELExpression{"customerId": "body.id"}
	m := client.NewMsg(subject)
	for k, v := range map[string]string{"ce-specversion": "1.0", "ce-id": "a", "ce-source": "/shop", "ce-type": "order", "content-type": "application/json"} {
		m.Header.Set(k, v)
	}
	s.publish(t, m, `{"n":1}`)
	m = client.NewMsg(subject)
	m.Header.Set("content-type", "application/cloudevents+json")
	s.publish(t, m, `{"specversion":"1.0","id":"b","source":"/shop","type":"order","data":{"n":2}}`)
	p.Run()
	p.Await(2)
	p.Check(2, false)
}

// problem runs a pod until it says why it cannot read.
func problem(t *testing.T, s *system, files map[string][]byte) string {
	t.Helper()
	p := pulltest.NewPod(t, s)
	p.Files = files
	defer p.Run()()
	require.Eventually(t, func() bool { return p.Runner.State().Problem != nil }, time.Minute, 10*time.Millisecond)
	return p.Runner.State().Problem.Reason
}

func TestUsersAndCertificates(t *testing.T) {
	material, err := pki.NewOperatorKey().Material(pki.StoreIdentity{
		Namespace: "shop", Name: "nats", UID: "u", CreatedAt: time.Now().Add(-time.Hour), Hosts: []string{"localhost"},
	}, 0)
	require.NoError(t, err)
	cert, key := file(t, material.Cert), file(t, material.Key)
	s := with(t, `tls {cert_file: `+strconv.Quote(cert)+`, key_file: `+strconv.Quote(key)+`}
authorization {user: pods, password: "right"}`, client.UserInfo("pods", "right"), client.RootCAs(file(t, material.CA)), clientName("localhost"))
	ca := map[string][]byte{podconfig.FileCA: material.CA, podconfig.FilePassword: []byte("right\n")}
	secret := &v1alpha1.SecretKeyReference{Name: "nats"}
	s.transport.Auth = &v1alpha1.NATSAuth{Username: "pods", PasswordSecretRef: secret}
	require.Equal(t, pull.Misconfigured, problem(t, s, map[string][]byte{podconfig.FilePassword: []byte("right")}), "another authority")
	s.transport.TLS = &v1alpha1.ClientTLS{CASecretRef: secret, ServerName: "localhost"}
	require.Equal(t, pull.Unauthorized, problem(t, s, map[string][]byte{podconfig.FileCA: material.CA, podconfig.FilePassword: []byte("wrong")}))
	s.transport.Stream = "OTHER"
	require.Equal(t, pull.NotFound, problem(t, s, ca))
	s.transport.Stream = stream
	p := pulltest.NewPod(t, s)
	p.Files = ca
	s.Write(t, pulltest.Documents(0, 3)...)
	p.Run()
	p.Await(3)
}

// The permissions in docs/transports/nats.md are sufficient, for each number of subjects.
func TestPermissions(t *testing.T) {
	page, err := os.ReadFile("../../../docs/transports/nats.md")
	require.NoError(t, err)
	var allowed []string
	for _, m := range regexp.MustCompile("`([$]JS[^`]+)`").FindAllStringSubmatch(string(page), -1) {
		allowed = append(allowed, strconv.Quote(m[1]))
	}
	require.NotEmpty(t, allowed)
	s := with(t, `authorization {users: [
	{user: admin, password: "a"}
	{user: pods, password: "right", permissions: {publish: [`+strings.Join(allowed, ", ")+`], subscribe: "_INBOX.>"}}
]}`, client.UserInfo("admin", "a"))
	s.transport.Auth = &v1alpha1.NATSAuth{Username: "pods", PasswordSecretRef: &v1alpha1.SecretKeyReference{Name: "nats"}}
	s.transport.Consumer = "orders"
	for _, subjects := range [][]v1alpha1.NATSSubject{nil, {"shop.orders"}, {"shop.orders", "shop.carts"}} {
		s.transport.Subjects = subjects
		p := pulltest.NewPod(t, s)
		p.Files = map[string][]byte{podconfig.FilePassword: []byte("right")}
		s.Write(t, pulltest.Documents(0, 3)...)
		stop := p.Run()
		p.Await(3)
		require.Eventually(t, func() bool {
			c, err := s.js.Consumer(t.Context(), stream, "orders")
			return err == nil && c.CachedInfo().NumPending == 0 && c.CachedInfo().NumAckPending == 0
		}, time.Minute, 20*time.Millisecond, "acknowledged")
		stop()
		require.NoError(t, s.js.DeleteConsumer(t.Context(), stream, "orders"))
	}
}

// Reading continues after messages that the limits of the stream have removed.
func TestRemovedMessages(t *testing.T) {
	s := start(t)
	p := pulltest.NewPod(t, s)
	s.Write(t, pulltest.Documents(0, 6)...)
	_, err := s.js.UpdateStream(t.Context(), jetstream.StreamConfig{Name: stream, Subjects: []string{"shop.>"}, Storage: jetstream.FileStorage, MaxMsgs: 4})
	require.NoError(t, err)
	p.Run()
	p.Await(4)
	p.Check(4, false)
	require.Nil(t, p.Runner.State().Problem)
}

// Consumers with which messages would be lost are refused.
func TestConsumersThatDoNotFit(t *testing.T) {
	s := with(t, "")
	for name, c := range map[string]jetstream.ConsumerConfig{
		"none": {AckPolicy: jetstream.AckNonePolicy}, "gives-up": {AckPolicy: jetstream.AckExplicitPolicy, MaxDeliver: 3},
		"other": {AckPolicy: jetstream.AckExplicitPolicy, FilterSubject: "shop.carts"},
	} {
		c.Durable = name
		_, err := s.js.CreateConsumer(t.Context(), stream, c)
		require.NoError(t, err)
		s.transport.Consumer = name
		require.Equal(t, pull.Misconfigured, problem(t, s, nil), name)
	}
}

func file(t *testing.T, content []byte) string {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "")
	require.NoError(t, err)
	_, err = f.Write(content)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	return f.Name()
}

// clientName lets a client find the name in the certificate of a server that it reaches by its address.
func clientName(name string) client.Option {
	return func(o *client.Options) error {
		o.TLSConfig.ServerName = name
		return nil
	}
}
