// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"

	"github.com/journeyman-dev/journeyman/internal/reject"
)

const (
	// defaultMaxBody is the greatest body after decompression where the source says nothing.
	defaultMaxBody = 1 << 20
	// maxRatio is how many times greater than what was sent a body may become by decompression.
	maxRatio = 100
)

// bodyReader gives a function that reads the body once, decompressed and within the limit.
func bodyReader(r *http.Request, limit int64, s *share) func() ([]byte, *reject.Rejection) {
	var body []byte
	var rejection *reject.Rejection
	done := false
	return func() ([]byte, *reject.Rejection) {
		if !done {
			body, rejection = readBody(r, limit, s)
			done = true
		}
		return body, rejection
	}
}

func readBody(r *http.Request, limit int64, s *share) ([]byte, *reject.Rejection) {
	encoding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding")))
	if len(r.Header.Values("Content-Encoding")) > 1 || !known(encoding) {
		return nil, reject.New(reject.UnsupportedMediaType, "Content-Encoding", "expected gzip, deflate or none, once")
	}
	if r.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	sent, err := readUpTo(s.meter(r.Body), limit)
	if err != nil {
		return nil, unreadable(err, limit)
	}
	if encoding == "" || encoding == "identity" || len(sent) == 0 {
		return sent, nil
	}
	return decompress(sent, encoding, limit, s)
}

func known(encoding string) bool {
	switch encoding {
	case "", "identity", "gzip", "x-gzip", "deflate":
		return true
	}
	return false
}

func decompress(sent []byte, encoding string, limit int64, s *share) ([]byte, *reject.Rejection) {
	d, err := decompressor(sent, encoding)
	if err != nil {
		return nil, notCompressed(encoding)
	}
	bound := min(limit, int64(len(sent))*maxRatio)
	body, err := readUpTo(s.meter(d), bound)
	if errors.Is(err, errTooLarge) && bound < limit {
		return nil, reject.New(reject.BodyTooLarge, "", fmt.Sprintf("the body grows more than %d times by decompression", maxRatio))
	}
	if errors.Is(err, errTooLarge) {
		return nil, tooLarge(limit)
	}
	if errors.Is(err, errMemory) {
		return nil, overloaded()
	}
	if err != nil {
		return nil, notCompressed(encoding)
	}
	return body, nil
}

// decompressor reads gzip; or what HTTP calls deflate, which is zlib, and which some senders write without its header.
func decompressor(sent []byte, encoding string) (io.Reader, error) {
	if encoding != "deflate" {
		return gzip.NewReader(bytes.NewReader(sent))
	}
	if z, err := zlib.NewReader(bytes.NewReader(sent)); err == nil {
		return z, nil
	}
	return flate.NewReader(bytes.NewReader(sent)), nil
}

var errTooLarge = errors.New("too large")

// readUpTo reads at most limit bytes; more is errTooLarge. The buffer grows with what comes, not with what was announced.
func readUpTo(r io.Reader, limit int64) ([]byte, error) {
	var b bytes.Buffer
	n, err := b.ReadFrom(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if n > limit {
		return nil, errTooLarge
	}
	return b.Bytes(), nil
}

func unreadable(err error, limit int64) *reject.Rejection {
	if errors.Is(err, errTooLarge) {
		return tooLarge(limit)
	}
	if errors.Is(err, errMemory) {
		return overloaded()
	}
	return reject.New(reject.BadJSON, "", "the body could not be read to its end")
}

func tooLarge(limit int64) *reject.Rejection {
	return reject.New(reject.BodyTooLarge, "", fmt.Sprintf("the body has more than %d bytes after decompression; send smaller batches", limit))
}

// overloaded is a matter of rate: the sender may send the same again a little later.
func overloaded() *reject.Rejection {
	return reject.New(reject.RateLimited, "", "the requests under way are too large together; send fewer at a time")
}

func notCompressed(encoding string) *reject.Rejection {
	return reject.New(reject.BadJSON, "Content-Encoding", "the body is no valid "+encoding)
}
