// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/reject"
)

// Each format, with ids and times of the message or, without them, those of Kafka.
func TestFormats(t *testing.T) {
	at := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	record := func(value string, headers ...kgo.RecordHeader) *kgo.Record {
		return &kgo.Record{Topic: topic, Key: []byte("key"), Value: []byte(value), Headers: headers, Timestamp: at}
	}
	header := func(k, v string) kgo.RecordHeader { return kgo.RecordHeader{Key: k, Value: []byte(v)} }
	rule := v1alpha1.MappingRule{Event: &v1alpha1.EventMapping{
		Name:       `message.topic + "/" + string(message.partition) + "/" + string(message.offset) + "/" + message.key + "/" + headers["x-kind"]`,
		Time:       "message.timestamp",
		Identities: map[string]v1alpha1.CELExpression{"customerId": "body.id"},
	}}
	for name, c := range map[string]struct {
		format   v1alpha1.MessageFormat
		rules    []v1alpha1.MappingRule
		records  []*kgo.Record
		want     []string
		rejected string
	}{
		"JSON": {v1alpha1.MessagesJSON, []v1alpha1.MappingRule{rule}, []*kgo.Record{
			record(`{"id":"a"}`, header("X-Kind", "web")), record(`[{"id":"b"},{"id":"c"}]`, header("X-Kind", "")), record("poison"), {Topic: topic, Key: []byte("k")},
		}, []string{"shop.events/0/0/key/web kafka:ID:0:0", "shop.events/0/1/key/ kafka:ID:0:1.0", "shop.events/0/1/key/ kafka:ID:0:1.1"}, reject.BadJSON},
		"Segment": {v1alpha1.MessagesSegment, nil, []*kgo.Record{
			record(`{"event":"Order Completed","messageId":"q-1","userId":"880011","timestamp":"2026-11-21T10:00:00Z"}`),
			record(`{"type":"page","name":"Home","userId":"880011"}`), record(`{"type":"../x","userId":"1"}`),
			// Placeholders of an id: the messages are equal, and two.
			record(`{"event":"Paid","messageId":"undefined","userId":"880011"}`), record(`{"event":"Paid","messageId":"undefined","userId":"880011"}`),
		}, []string{"Order Completed q-1", "Page Viewed kafka:ID:0:1", "Paid kafka:ID:0:3", "Paid kafka:ID:0:4"}, reject.MissingEventName},
		"CloudEvents": {v1alpha1.MessagesCloudEvents, nil, []*kgo.Record{
			record(`{"customerId":"a"}`, header("ce_specversion", "1.0"), header("ce_id", "1%41"), header("ce_source", "/s"),
				header("ce_type", "Paid"), header("content-type", "application/json")),
			record(`{"specversion":"1.0","id":"2","source":"/s","type":"Sent","data":{"customerId":"a"}}`, header("content-type", "application/cloudevents+json")),
			record(`{}`),
		}, []string{"Paid /s|1%41", "Sent /s|2"}, reject.UnsupportedMediaType},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			details, err := s.Admin.ListTopics(t.Context(), topic)
			require.NoError(t, err)
			require.NoError(t, s.Client.ProduceSync(t.Context(), c.records...).FirstErr())
			p := pulltest.NewPod(t, s)
			p.Config.Source.Transport.Kafka.Format, p.Config.Source.Mapping = c.format, c.rules
			p.Run()
			p.Await(len(c.want))
			require.Eventually(t, func() bool { return p.Source().Counters.Rejected[c.rejected].Count == 1 }, waitFor, tick, "%v", p.Source().Counters.Rejected)
			var got []string
			for _, e := range p.Store.Events() {
				id := details[topic].ID
				got = append(got, e.Name+" "+strings.ReplaceAll(e.ID, base64.RawURLEncoding.EncodeToString(id[:]), "ID"))
				require.Equal(t, at, time.UnixMicro(e.Time).UTC(), e.Name)
			}
			require.Equal(t, c.want, got)
		})
	}
}
