// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package amqp

import (
	"fmt"
	"strings"
	"time"

	client "github.com/rabbitmq/amqp091-go"

	"github.com/journeyman-dev/journeyman/internal/pull/message"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

// attributes is the prefix of headers that are attributes of a CloudEvent. The standard allows a colon in place of the underscore.
const attributes, attributesColon = "cloudevents_", "cloudevents:"

// candidates of a message. Its id is the one that its publisher set: brokers have none.
func (r *reader) candidates(d *client.Delivery) []transport.Candidate {
	if r.meter.isTooLong(d.DeliveryTag) {
		return []transport.Candidate{{Rejection: r.decode.TooLarge()}}
	}
	if d.ContentEncoding != "" && !strings.EqualFold(d.ContentEncoding, "utf-8") && !strings.EqualFold(d.ContentEncoding, "identity") {
		return []transport.Candidate{{Rejection: reject.New(
			reject.BadJSON, "", fmt.Sprintf("the message has the content encoding %q; publish it without", message.Text(d.ContentEncoding)),
		)}}
	}
	return r.decode.Candidates(&message.Message{
		Body: d.Body, ID: message.Text(d.MessageId), Time: d.Timestamp, Headers: headersOf(d), Where: func() map[string]any { return r.where(d) },
	})
}

// headersOf returns the headers that are single values, and the content type.
func headersOf(d *client.Delivery) map[string]string {
	out := make(map[string]string, len(d.Headers)+1)
	for name, v := range d.Headers {
		name = strings.ToLower(message.Text(name))
		if rest, ok := strings.CutPrefix(name, attributesColon); ok {
			name = attributes + rest
		}
		switch v := v.(type) {
		case nil, client.Table, []any:
		case []byte:
			out[name] = message.Text(string(v))
		case string:
			out[name] = message.Text(v)
		case time.Time:
			out[name] = v.UTC().Format(time.RFC3339)
		default:
			out[name] = fmt.Sprint(v)
		}
	}
	if d.ContentType != "" {
		out["content-type"] = message.Text(d.ContentType)
	}
	return out
}

// where is what rules see as message.
func (r *reader) where(d *client.Delivery) map[string]any {
	out := map[string]any{
		"queue": r.spec.Queue, "exchange": message.Text(d.Exchange), "routingKey": message.Text(d.RoutingKey), "redelivered": d.Redelivered,
		"id": message.Text(d.MessageId), "type": message.Text(d.Type), "app": message.Text(d.AppId),
	}
	if !d.Timestamp.IsZero() {
		out["timestamp"] = d.Timestamp
	}
	return out
}
