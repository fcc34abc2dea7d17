// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// file has a document a line, the oldest first. Each is one event.
//
//go:embed events.ndjson
var file []byte

// line of the file.
type line struct {
	Source   string          `json:"source"`
	Document json.RawMessage `json:"document"`
}

// relative is a time in a document, in minutes before now.
var relative = regexp.MustCompile(`"now-(\d+)m"`)

// documents of the file by source, in the order of the file, with their times as of now.
func documents(now time.Time) (map[string][]json.RawMessage, error) {
	out, n := map[string][]json.RawMessage{}, 0
	for raw := range bytes.Lines(file) {
		n++
		var l line
		if err := json.Unmarshal(raw, &l); err != nil {
			return nil, fmt.Errorf("events.ndjson, line %d: %w", n, err)
		}
		if _, known := systems[l.Source]; !known {
			return nil, fmt.Errorf("events.ndjson, line %d: there is no source %q in config/samples", n, l.Source)
		}
		out[l.Source] = append(out[l.Source], absolute(l.Document, now))
	}
	return out, nil
}

// absolute replaces the relative times of a document, with the milliseconds that the senders' formats have.
func absolute(document json.RawMessage, now time.Time) json.RawMessage {
	return relative.ReplaceAllFunc(document, func(text []byte) []byte {
		minutes, err := strconv.Atoi(string(relative.FindSubmatch(text)[1]))
		if err != nil { // too many digits: the source refuses the text
			return text
		}
		return []byte(now.UTC().Add(-time.Duration(minutes) * time.Minute).Format(`"2006-01-02T15:04:05.000Z07:00"`))
	})
}
