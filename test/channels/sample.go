// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package channels

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Sample is one message of another system, with its expected result. Only samples with a request are HTTP; the others are files, rows, or messages of
// queues.
type Sample struct {
	Name      string
	Direction string
	Request   *Request
	// Message is that of a broker, instead of a request.
	Message json.RawMessage
	// Secret is the sender's secret: a text, or an object if there are several.
	Secret json.RawMessage
	// Valid is false if the request has to be refused.
	Valid bool
	// Now is the time of receipt.
	Now time.Time
	// Respond is the expected response; nil if it is that of the transport.
	Respond *Respond
	// FollowUp is a request to the API of the sender, which has to follow: it answers with what the sample lacks.
	FollowUp *FollowUp
	Expect   []Event
}

// Request of a sample. Body has the exact bytes.
type Request struct {
	Method, Path, URL, Body string
	Headers                 map[string]string
}

// Header returns a header, whatever the case of its name.
func (r *Request) Header(name string) string {
	for k, v := range r.Headers {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return ""
}

// FollowUp is a read through the API of a sender. The API answers it only with the right headers.
type FollowUp struct {
	Method, URL string
	Headers     map[string]string
	// Response is the body.
	Response string
}

// Respond is an expected response. Headers and Body are compared if they are set.
type Respond struct {
	Status  int
	Headers map[string]string
	Body    json.RawMessage
}

// Event is an expected event.
type Event struct {
	Event, Source, Channel, ID string
	OccurredAt                 time.Time
	Identity                   map[string]json.RawMessage
	Value                      struct{ Amount, Currency json.RawMessage }
	Survey                     *struct {
		Kind         string
		Score, Scale json.RawMessage
	}
	Properties map[string]any
}

// secret returns the secret of a sample that has one.
func (s *Sample) secret() string {
	var text string
	if json.Unmarshal(s.Secret, &text) != nil {
		return ""
	}
	return text
}

// Files returns the files of samples in a folder.
func Files(dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("no sample files (*.json) in %s", dir)
	}
	return files, err
}

// Load reads a file of samples.
func Load(file string) ([]Sample, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var out []Sample
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return out, nil
}
