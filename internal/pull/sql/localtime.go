// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/journeyman-dev/journeyman/internal/value"
)

// located returns a document of MariaDB whose times without a zone are in UTC, as they are from PostgreSQL. A document that is not one is returned as it
// is: the decoder refuses it.
func (r *reader) located(document []byte) []byte {
	local := map[string]bool{}
	if _, is := r.engine.(mariaEngine); is && r.zone() != "UTC" {
		for _, c := range r.table.columns {
			local[c.name] = c.typ == "DATETIME"
		}
	}
	zone, err := value.Zone(r.zone())
	if len(local) == 0 || err != nil {
		return document
	}
	in := json.NewDecoder(bytes.NewReader(document))
	if _, err := in.Token(); err != nil {
		return document
	}
	var out bytes.Buffer
	for out.WriteByte('{'); in.More(); {
		name, err := in.Token()
		if err != nil {
			return document
		}
		var field json.RawMessage
		if err := in.Decode(&field); err != nil {
			return document
		}
		key, is := name.(string)
		if is && local[key] {
			field = inUTC(field, zone)
		}
		quoted, err := json.Marshal(key)
		if err != nil {
			return document
		}
		if out.Len() > 1 {
			out.WriteByte(',')
		}
		out.Write(quoted)
		out.WriteByte(':')
		out.Write(field)
	}
	out.WriteByte('}')
	return out.Bytes()
}

// inUTC returns a text with a time in JSON; null and what is no time stay as they are.
func inUTC(field json.RawMessage, zone *time.Location) json.RawMessage {
	var text string
	if json.Unmarshal(field, &text) != nil {
		return field
	}
	local, err := value.ReadTime(text)
	if err != nil {
		return field
	}
	at, _, err := local.In(zone)
	if err != nil {
		return field
	}
	return json.RawMessage(at.UTC().Format(`"2006-01-02T15:04:05.999999-07:00"`))
}
