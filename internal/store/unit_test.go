// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/store"
)

func TestUnitInContent(t *testing.T) {
	for _, c := range []struct{ by, content, want string }{
		{"sessionId", "s1", "s1"},
		{"sessionId", "", ""},
		{"properties.k", "", ""},
		{"properties.k", `{"k":"it's"}`, "it's"},
		{"properties.k", ` { "a" : [{"k":1}] , "k" : "x" } `, "x"},
		{"properties.k", `{"a":{"k":1},"b":"k"}`, ""},
		{"properties.k", `{"k":""}`, ""},
		{"properties.k", `{"k":null}`, ""},
		{"properties.k", `{"k":{"k":1}}`, ""},
		{"properties.k", `{"k":[1]}`, ""},
		{"properties.k", `{"k":true}`, "true"},
		{"properties.k", `{"k":-0.50}`, "-0.50"},
		{"properties.k", `{"k":123456789012345678901234567890}`, "123456789012345678901234567890"},
		{"properties.k", `{"k":"\u00e9\ud83d\ude00\"\\\n"}`, "é😀\"\\\n"},
		{"properties.k", `{"k":1,"k":2}`, "2"},
		{"properties.é", `{"\u00e9":1}`, "1"},
		{"properties.it's", `{"it's":"x"}`, "x"},
		{"properties.a.b", `{"a.b":"flat","a":{"b":"deep"}}`, "flat"},
		{"properties.a.b", `{"a.b":null,"a":{"b":"deep"}}`, "deep"},
		{"properties.a.b.c", `{"a.b":{"c":3},"a":{"b.c":2}}`, "2"},
		{"properties.a.b.c", `{"a.b":{"c":3}}`, "3"},
		{"properties.a..b", `{"a":{"":{"b":1}}}`, "1"},
		{"properties.*", `{"a":1,"*":2}`, "2"},
		{"groups.company.id", `{"company":{"id":"acme"}}`, "acme"},
	} {
		key, err := store.ParseUnitKey(c.by)
		require.NoError(t, err)
		require.Equal(t, c.want, key.In(c.content), "%s of %s", c.by, c.content)
	}
}

// FuzzUnitKey compares the search in raw JSON with decoding all of it. Content is what Event.Validate accepts.
func FuzzUnitKey(f *testing.F) {
	f.Add("properties.k", `{"k":"it's"}`)
	f.Add("properties.a.b", `{"a.b":null,"a":{"b":1e5}}`)
	f.Add("groups.a.b.c", `{"a":{"b.c":"\u00e9\ud800"},"a":{"b.c":false}}`)
	f.Add("groups.\u00e4..", `{"\u00e4..":true,"\u00e4":{"":{"":1e5}}}`)
	f.Add("sessionId", `s`)
	f.Fuzz(func(t *testing.T, by, content string) {
		key, err := store.ParseUnitKey(by)
		switch {
		case err != nil:
			require.ErrorIs(t, err, store.ErrInvalid)
		case len(key.Paths) == 0:
			require.Equal(t, content, key.In(content))
		case strings.HasPrefix(content, "{") && json.Valid([]byte(content)) && utf8.ValidString(content):
			require.Equal(t, decoded(key, content), key.In(content))
		default:
			key.In(content) // it must not panic
		}
	})
}

func decoded(key store.UnitKey, content string) string {
	var root any
	d := json.NewDecoder(strings.NewReader(content))
	d.UseNumber()
	if d.Decode(&root) != nil {
		return ""
	}
	for _, path := range key.Paths {
		value := root
		for _, name := range path {
			fields, _ := value.(map[string]any)
			value = fields[name]
		}
		switch v := value.(type) {
		case string, json.Number, bool:
			if text := fmt.Sprint(v); text != "" {
				return text
			}
		}
	}
	return ""
}

func BenchmarkUnitInContent(b *testing.B) {
	key, err := store.ParseUnitKey("properties.url")
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		key.In(`{"campaign":"spring","url":"https://shop.example/p/4711","price":19900}`)
	}
}
