// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package recording reads HTTP requests that were recorded: as they were sent, as a HAR of a browser or a proxy, or as JSON.
package recording

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/journeyman-dev/journeyman/internal/value"
)

// maxSize is the size of a recording.
const maxSize = 64 << 20

// Request is one recorded request.
type Request struct {
	// Method, URL and Header of the request. The URL can lack scheme and host.
	Method string
	URL    *url.URL
	Header http.Header
	// Body as it was sent.
	Body []byte
	// ReceivedAt is when it was recorded; zero if the recording does not say so.
	ReceivedAt time.Time
	// Bare is set if the recording has only the document. Method, path and headers are then those that its sender would most likely use.
	Bare bool
}

// HTTP returns the request for a handler.
func (r *Request) HTTP() *http.Request {
	address := *r.URL
	out := &http.Request{
		Method: r.Method, URL: &address, Header: r.Header.Clone(), Host: address.Host, RequestURI: address.RequestURI(),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Body: io.NopCloser(bytes.NewReader(r.Body)), ContentLength: int64(len(r.Body)),
	}
	if host := out.Header.Get("Host"); host != "" {
		out.Host = host
		out.Header.Del("Host")
	}
	return out
}

// Form returns the method, path and media type of a document without a request; ok is false if it has no form of its own.
type Form func(document map[string]any) (path, mediaType string, ok bool)

// ReadFile reads the requests of a file, or of in if the path is "-". form completes documents without a request; it can be nil.
func ReadFile(path string, in io.Reader, form Form) ([]Request, error) {
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }() // it was only read
		in = file
	}
	raw, err := io.ReadAll(io.LimitReader(in, maxSize+1))
	switch {
	case err != nil:
		return nil, err
	case len(raw) > maxSize:
		return nil, fmt.Errorf("%s: more than %d bytes", path, maxSize)
	}
	list, err := Read(raw, form)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return list, nil
}

var errEmpty = errors.New("there is no request")

// Read reads the requests of a recording, whose format is recognised by its first character.
func Read(raw []byte, form Form) ([]Request, error) {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	start := bytes.TrimSpace(raw)
	switch {
	case len(start) == 0:
		return nil, errEmpty
	case start[0] == '{' || start[0] == '[':
		return readJSON(start, form)
	}
	return readHTTP(raw)
}

// header returns the headers of a JSON object.
func header(v any) http.Header {
	out := http.Header{}
	for name, list := range texts(v) {
		for _, text := range list {
			out.Add(name, text)
		}
	}
	return out
}

// texts returns the fields of an object that are texts, numbers, or lists of these.
func texts(v any) map[string][]string {
	out := map[string][]string{}
	fields, _ := v.(map[string]any)
	for name, v := range fields {
		list, several := v.([]any)
		if !several {
			list = []any{v}
		}
		for _, v := range list {
			if text, ok := value.Text(v); ok {
				out[name] = append(out[name], text)
			}
		}
	}
	return out
}

// uncompressed removes the header that a compressed body had, if the recorder has decompressed it.
func uncompressed(h http.Header, body []byte) {
	gzip := len(body) > 2 && body[0] == 0x1f && body[1] == 0x8b
	text := len(body) > 0 && (body[0] == '{' || body[0] == '[' || body[0] >= ' ' && body[0] < 0x78)
	if !gzip && text {
		h.Del("Content-Encoding")
	}
}
