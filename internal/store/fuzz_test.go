// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// FuzzUnitKey: a key is refused, or finds in a document what encoding/json finds by one of the ways to read its path.
func FuzzUnitKey(f *testing.F) {
	f.Add("properties.a.b", `{"a":{"b":"x"}}`)
	f.Add("properties.a.b", `{"a.b":12,"a":{"b":"\u0078"}}`)
	f.Add("groups.company", `{"company":null}`)
	f.Add("groups.\u00e4..", `{"\u00e4..":true,"\u00e4":{"":{"":1e5}}}`)
	f.Add("sessionId", `s`)
	f.Fuzz(func(t *testing.T, key, content string) {
		k, err := ParseUnitKey(key)
		if err != nil {
			require.ErrorIs(t, err, ErrInvalid)
			return
		}
		if len(k.Paths) == 0 {
			require.Equal(t, content, k.In(content))
			return
		}
		var document map[string]any
		decoder := json.NewDecoder(strings.NewReader(content))
		decoder.UseNumber()
		if !json.Valid([]byte(content)) || !utf8.ValidString(content) || strings.Contains(content, `\u`) || decoder.Decode(&document) != nil || document == nil || repeats(content) {
			k.In(content) // Whatever it gives: Event.Validate lets no such content in, and of a name that is there twice either may be found.
			return
		}
		want := ""
		for _, path := range k.Paths {
			if want = textIn(document, path); want != "" {
				break
			}
		}
		require.Equal(t, want, k.In(content))
	})
}

func textIn(v any, path []string) string {
	for _, name := range path {
		object, ok := v.(map[string]any)
		if !ok {
			return ""
		}
		v = object[name]
	}
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return ""
}

// repeats tells whether any object has a name twice.
func repeats(content string) bool {
	decoder := json.NewDecoder(strings.NewReader(content))
	type open struct {
		names map[string]bool
		key   bool
	}
	var stack []*open
	for {
		token, err := decoder.Token()
		if err != nil {
			return false
		}
		top := (*open)(nil)
		if len(stack) > 0 {
			top = stack[len(stack)-1]
		}
		if name, ok := token.(string); ok && top != nil && top.names != nil && top.key {
			if top.names[name] {
				return true
			}
			top.names[name], top.key = true, false
			continue
		}
		switch token {
		case json.Delim('{'):
			stack = append(stack, &open{names: map[string]bool{}, key: true})
			continue
		case json.Delim('['):
			stack = append(stack, &open{})
			continue
		case json.Delim('}'), json.Delim(']'):
			stack = stack[:len(stack)-1]
			top = nil
			if len(stack) > 0 {
				top = stack[len(stack)-1]
			}
		}
		if top != nil && top.names != nil {
			top.key = true
		}
	}
}
