// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package recording

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httputil"
	"net/textproto"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

var errHTTP = errors.New("it is not an HTTP request: expected a line such as \"POST / HTTP/1.1\", headers, an empty line and the body; a HAR; or JSON")

// separator is a line between two requests, as in the .http files of editors.
var separator = regexp.MustCompile(`(?m)^###.*\r?\n?`)

// readHTTP reads requests as they were sent.
func readHTTP(raw []byte) ([]Request, error) {
	var out []Request
	for _, part := range separator.Split(string(raw), -1) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		r, err := One([]byte(part))
		if err != nil {
			return nil, err
		}
		out = append(out, *r)
	}
	if len(out) == 0 {
		return nil, errEmpty
	}
	return out, nil
}

// One reads a request as it was sent. The body extends to the end, unless its length or its chunks say otherwise.
func One(raw []byte) (*Request, error) {
	raw = bytes.TrimLeft(raw, "\r\n")
	in := bufio.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))))
	text := textproto.NewReader(in)
	first, err := text.ReadLine()
	if err != nil {
		return nil, errHTTP
	}
	method, rest, ok := strings.Cut(first, " ")
	target, version, _ := strings.Cut(rest, " ")
	address, err := url.ParseRequestURI(target)
	if !ok || err != nil || version != "" && !strings.HasPrefix(version, "HTTP/") {
		return nil, errHTTP
	}
	header, err := text.ReadMIMEHeader()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, errHTTP
	}
	body, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	h := http.Header(header)
	return &Request{Method: method, URL: address, Header: h, Body: bodyOf(h, body)}, nil
}

// bodyOf returns the body without what the recording added: the frames of chunks, and a newline that an editor adds at the end.
func bodyOf(h http.Header, body []byte) []byte {
	if strings.EqualFold(h.Get("Transfer-Encoding"), "chunked") {
		if whole, err := io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(body))); err == nil {
			h.Del("Transfer-Encoding")
			return whole
		}
	}
	trimmed := bytes.TrimRight(body, "\r\n")
	n, err := strconv.Atoi(h.Get("Content-Length"))
	h.Del("Content-Length") // It may be edited, and the length is known.
	switch {
	case err == nil && n >= len(trimmed) && n <= len(body):
		return body[:n]
	case h.Get("Content-Encoding") != "":
		return body
	}
	return trimmed
}
