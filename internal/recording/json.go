// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package recording

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/internal/value"
)

// fields are those of a request in JSON.
var fields = map[string]bool{
	"source": true, "method": true, "path": true, "url": true, "query": true, "headers": true, "body": true, "receivedAt": true,
}

// IsRequest reports whether an object has only the fields of a request, with headers or a URL next to its body.
func IsRequest(object map[string]any) bool {
	for name := range object {
		if !fields[name] {
			return false
		}
	}
	_, isURL := object["url"].(string)
	_, isPath := object["path"].(string)
	_, hasHeaders := object["headers"]
	_, hasBody := object["body"]
	return hasBody && hasHeaders || isURL || isPath && (hasBody || hasHeaders)
}

// readJSON reads a HAR, requests in JSON, or documents: one, or several after each other.
func readJSON(raw []byte, form Form) ([]Request, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	var out []Request
	for {
		var one json.RawMessage
		err := decoder.Decode(&one)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("value %d is not JSON: %w", len(out)+1, err)
		}
		list, err := readValue(one, form)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
}

func readValue(raw json.RawMessage, form Form) ([]Request, error) {
	document, err := value.DecodeDigits(raw)
	if err != nil {
		return nil, err
	}
	if list, ok := document.([]any); ok && len(list) > 0 {
		if out, err := readList(list); out != nil || err != nil {
			return out, err
		}
	}
	object, ok := document.(map[string]any)
	if log, isObject := object["log"].(map[string]any); isObject {
		if entries, isList := log["entries"].([]any); isList {
			return readHAR(entries)
		}
	}
	if ok && IsRequest(object) {
		r, err := readRequest(object)
		return []Request{r}, err
	}
	return []Request{bare(raw, object, form)}, nil
}

// readList reads a list whose elements are requests; nil if they are not.
func readList(list []any) (out []Request, err error) {
	for _, e := range list {
		object, ok := e.(map[string]any)
		if !ok || !IsRequest(object) {
			return nil, nil
		}
		r, err := readRequest(object)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// bare returns the request of a document that was recorded without its request.
func bare(raw []byte, object map[string]any, form Form) Request {
	path, media := "/", "application/json"
	if form != nil && object != nil {
		if p, m, ok := form(object); ok {
			path, media = p, m
		}
	}
	return Request{
		Method: http.MethodPost, URL: &url.URL{Path: path}, Header: http.Header{"Content-Type": {media}}, Body: raw, Bare: true,
	}
}

func readRequest(o map[string]any) (r Request, err error) {
	text := func(name string) string { s, _ := o[name].(string); return s }
	r.Method, r.Header = http.MethodPost, header(o["headers"])
	if m := text("method"); m != "" {
		r.Method = strings.ToUpper(m)
	}
	target := text("url")
	if target == "" {
		target = text("path")
	}
	if target == "" {
		target = "/"
	}
	if r.URL, err = url.Parse(target); err != nil {
		return r, fmt.Errorf("url: %w", err)
	}
	switch q := o["query"].(type) {
	case string:
		r.URL.RawQuery = strings.TrimPrefix(q, "?")
	case map[string]any:
		r.URL.RawQuery = url.Values(texts(q)).Encode()
	}
	if at := text("receivedAt"); at != "" {
		if r.ReceivedAt, err = time.Parse(time.RFC3339, at); err != nil {
			return r, fmt.Errorf("receivedAt: %q is not a time such as 2026-11-21T10:14:57Z", at)
		}
	}
	switch body := o["body"].(type) {
	case nil:
	case string:
		r.Body = []byte(body)
	default:
		if r.Body, err = value.Encode(body); err != nil {
			return r, fmt.Errorf("body: %w", err)
		}
		if r.Header.Get("Content-Type") == "" {
			r.Header.Set("Content-Type", "application/json")
		}
	}
	r.Header.Del("Content-Length")
	uncompressed(r.Header, r.Body)
	return r, nil
}

// readHAR reads the entries of a HAR, the archive of requests of browsers and proxies.
func readHAR(entries []any) ([]Request, error) {
	var out []Request
	for i, e := range entries {
		raw, err := value.Encode(e)
		if err != nil {
			return nil, err
		}
		var entry harEntry
		if err := json.Unmarshal(raw, &entry); err != nil {
			return nil, fmt.Errorf("log.entries[%d]: %w", i, err)
		}
		r, err := entry.request()
		if err != nil {
			return nil, fmt.Errorf("log.entries[%d].request: %w", i, err)
		}
		out = append(out, r)
	}
	if len(out) == 0 {
		return nil, errEmpty
	}
	return out, nil
}

// harEntry is the part of an entry that is used.
type harEntry struct {
	StartedDateTime time.Time `json:"startedDateTime"`
	Request         struct {
		Method   string `json:"method"`
		URL      string `json:"url"`
		Headers  []pair `json:"headers"`
		PostData *struct {
			MimeType string `json:"mimeType"`
			Text     string `json:"text"`
			Encoding string `json:"encoding"`
			Params   []pair `json:"params"`
		} `json:"postData"`
	} `json:"request"`
}

type pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func (e *harEntry) request() (r Request, err error) {
	r.Method, r.ReceivedAt, r.Header = e.Request.Method, e.StartedDateTime, http.Header{}
	if r.URL, err = url.Parse(e.Request.URL); err != nil {
		return r, err
	}
	for _, h := range e.Request.Headers {
		if !strings.HasPrefix(h.Name, ":") { // HTTP/2 has pseudo-headers for method and path.
			r.Header.Add(h.Name, h.Value)
		}
	}
	r.Header.Del("Content-Length")
	p := e.Request.PostData
	if p == nil {
		return r, nil
	}
	r.Body = []byte(p.Text)
	if p.Encoding == "base64" {
		if r.Body, err = base64.StdEncoding.DecodeString(p.Text); err != nil {
			return r, fmt.Errorf("postData.text: %w", err)
		}
	}
	if p.Text == "" && len(p.Params) > 0 {
		form := url.Values{}
		for _, f := range p.Params {
			form.Add(f.Name, f.Value)
		}
		r.Body = []byte(form.Encode())
	}
	if r.Header.Get("Content-Type") == "" && p.MimeType != "" {
		r.Header.Set("Content-Type", p.MimeType)
	}
	uncompressed(r.Header, r.Body)
	return r, nil
}
