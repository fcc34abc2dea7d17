// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package snowplow

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// embedded decodes the self-describing events and the entities of all hits, which are JSON in a text, plain or in Base64. It reserves the memory to read
// them once for the request. The result has the rejection of each hit; a hit that is nil is no object.
func embedded(r *transport.Request, hits []*hit) []*reject.Rejection {
	out := make([]*reject.Rejection, len(hits))
	var all []byte
	for i, h := range hits {
		if h == nil {
			out[i] = reject.New(reject.BadJSON, "data", "an event must be a JSON object")
			continue
		}
		var happened, entities []byte
		if happened, out[i] = h.text("ue_px", "ue_pr"); out[i] != nil {
			continue
		}
		if entities, out[i] = h.text("cx", "co"); out[i] != nil {
			continue
		}
		h.happened, h.entities = inner(happened, '{'), inner(entities, '[')
		all = append(append(all, happened...), entities...)
	}
	if len(all) == 0 || r.Reserve == nil {
		return out
	}
	if rejection := r.Reserve(all); rejection != nil {
		for i := range out {
			out[i] = rejection
		}
	}
	return out
}

// text returns the JSON of one of two parameters: encoded, or plain.
func (h *hit) text(encoded, plain string) ([]byte, *reject.Rejection) {
	name, raw := plain, []byte(h.head[plain])
	if text := h.head[encoded]; text != "" {
		decoded, err := decode64(text)
		if err != nil {
			return nil, reject.New(reject.BadJSON, encoded, "the value is not Base64")
		}
		name, raw = encoded, decoded
	}
	if raw = bytes.TrimSpace(raw); len(raw) == 0 {
		return nil, nil
	}
	if rejection := transport.CheckJSON(raw); rejection != nil {
		rejection.Field = name
		return nil, rejection
	}
	if !json.Valid(raw) {
		return nil, transport.NotJSON(name)
	}
	return raw, nil
}

// decode64 decodes Base64 in either alphabet, with or without padding.
func decode64(text string) ([]byte, error) {
	text = strings.TrimRight(strings.NewReplacer("+", "-", "/", "_", " ", "-").Replace(text), "=")
	return base64.RawURLEncoding.DecodeString(text)
}

// inner returns the data of a self-describing document, if it is of that kind.
func inner(raw []byte, kind byte) []byte {
	if data := value.Lookup(raw, "data"); value.Kind(data) == kind {
		return data
	}
	return nil
}

// schema returns the vendor and the name in the schema of a self-describing document: iglu:com.example/viewed_product/jsonschema/1-0-0.
func schema(raw []byte) (vendor, name string) {
	vendor, rest, _ := strings.Cut(strings.TrimPrefix(value.RawText(value.Lookup(raw, "schema")), "iglu:"), "/")
	name, _, _ = strings.Cut(rest, "/")
	return vendor, value.Clean(name)
}
