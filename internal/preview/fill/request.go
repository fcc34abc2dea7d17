// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package fill

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/value"
)

// maxRequest is the size of a file with a request.
const maxRequest = 32 << 20

var errRequest = errors.New("it is not an HTTP request: expected a line such as \"POST / HTTP/1.1\", headers, an empty line and the body")

// Request processes one recorded request as the pod of its source would.
func (f *Filler) Request(ctx context.Context, arg string) error {
	path, undo, err := f.choose(arg)
	defer undo()
	if err != nil {
		return err
	}
	raw, err := readFile(path)
	if err != nil {
		return err
	}
	r, err := parseRequest(raw)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	name := f.fallback
	if parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/"); name == "" && len(parts) > 1 && f.specs[parts[1]] != nil {
		name = parts[1] // "/<namespace>/<source>/" is the address of a source behind an Ingress.
	}
	if name == "" {
		return fmt.Errorf("%s: the request may be for any of %s: set --source, or use SOURCE=FILE", path, strings.Join(f.known, ", "))
	}
	source, err := f.source(name)
	if err != nil {
		return err
	}
	mapped := source.Request(r, nil)
	rows := int64(max(1, len(mapped.Events)+len(mapped.Rejected)))
	f.out.counting(rows)
	f.out.countingFor(name, rows)
	if err := f.take(ctx, path, name, &mapped); err != nil {
		return err
	}
	return f.flush(ctx, name)
}

func readFile(path string) ([]byte, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }() // it was only read
	raw, err := io.ReadAll(io.LimitReader(in, maxRequest+1))
	if err == nil && len(raw) > maxRequest {
		err = fmt.Errorf("%s: more than %d bytes", path, maxRequest)
	}
	return raw, err
}

// parseRequest parses a recorded request. The body extends to the end of the file, whatever a header says about its length.
func parseRequest(raw []byte) (*http.Request, error) {
	in := bufio.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))))
	text := textproto.NewReader(in)
	first, err := text.ReadLine()
	if err != nil {
		return nil, errRequest
	}
	method, rest, ok := strings.Cut(first, " ")
	target, version, _ := strings.Cut(rest, " ")
	address, err := url.ParseRequestURI(target)
	if !ok || err != nil || version != "" && !strings.HasPrefix(version, "HTTP/") {
		return nil, errRequest
	}
	header, err := text.ReadMIMEHeader()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, errRequest
	}
	body, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	if header.Get("Content-Encoding") == "" { // A newline that an editor adds at the end is not part of the body.
		body = bytes.TrimRight(body, "\r\n")
	}
	return &http.Request{Method: method, URL: address, Header: http.Header(header), Body: io.NopCloser(bytes.NewReader(body))}, nil
}

// recording are the fields of a row that is a recorded request.
var recording = map[string]bool{"headers": true, "body": true, "source": true, "method": true, "path": true, "query": true, "receivedAt": true}

// unwrap removes the headers of the request from a row, so that mapping rules can read them. A row with only the fields of a request is a recorded
// request, whose document is its body.
func unwrap(row map[string]any) (document any, header http.Header) {
	fields, ok := objectOf(row["headers"])
	if !ok {
		return row, nil
	}
	header = http.Header{}
	for name, v := range fields {
		if list, ok := v.([]any); ok && len(list) > 0 {
			v = list[0]
		}
		if text, ok := value.Text(v); ok {
			header.Set(name, text)
		}
	}
	body, ok := row["body"]
	for name := range row {
		ok = ok && recording[name]
	}
	if !ok {
		delete(row, "headers")
		return row, header
	}
	if object, isObject := objectOf(body); isObject {
		return object, header
	}
	return body, header
}

// objectOf returns an object, or the one in a JSON text.
func objectOf(v any) (map[string]any, bool) {
	if text, ok := v.(string); ok {
		v, _ = value.Decode([]byte(text))
	}
	object, ok := v.(map[string]any)
	return object, ok
}
