// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mqtt

import (
	"strings"

	"github.com/eclipse/paho.golang/paho"

	"github.com/journeyman-dev/journeyman/internal/pull/message"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

// candidates of a message. Its id is the one that its publisher set as a user property: brokers have none, and the protocol no name for it.
func (r *reader) candidates(p *paho.Publish) []transport.Candidate {
	headers, id := headersOf(p.Properties)
	return r.decode.Candidates(&message.Message{Body: p.Payload, ID: id, Headers: headers, Where: func() map[string]any {
		return map[string]any{"topic": message.Text(p.Topic), "id": id, "qos": int64(p.QoS), "duplicate": p.Duplicate()}
	}})
}

var separators = strings.NewReplacer("-", "", "_", "")

// headersOf returns the user properties and the content type, and the id: the property message-id, message_id or messageId. Of several properties with
// one name, the last one counts.
func headersOf(p *paho.PublishProperties) (headers map[string]string, id string) {
	headers = map[string]string{}
	if p == nil {
		return headers, ""
	}
	for _, u := range p.User {
		name, v := strings.ToLower(message.Text(u.Key)), message.Text(u.Value)
		headers[name] = v
		if separators.Replace(name) == "messageid" {
			id = v
		}
	}
	if p.ContentType != "" {
		headers["content-type"] = message.Text(p.ContentType)
	}
	return headers, id
}
