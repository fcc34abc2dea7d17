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

	"github.com/journeyman-dev/journeyman/internal/budget"
	"github.com/journeyman-dev/journeyman/internal/conns"
	"github.com/journeyman-dev/journeyman/internal/ingest/pipeline"
	"github.com/journeyman-dev/journeyman/internal/reject"
)

const (
	// maxRatio is the maximum compression ratio of a body.
	maxRatio = 100
	// bufferFactor is the memory that a byte of a body needs while its buffer grows.
	bufferFactor = 2
	// decompressWeight is the memory of one decompressor.
	decompressWeight = 128 << 10
)

// bodyReader returns a function that reads the body once, decompressed and within the limit. It returns once the share has room for the decoded body.
func bodyReader(r *http.Request, limit int64, s *budget.Share) func() ([]byte, *reject.Rejection) {
	var body []byte
	var rejection *reject.Rejection
	done := false
	return func() ([]byte, *reject.Rejection) {
		if !done {
			body, rejection = readBody(r, limit, s)
			if rejection == nil {
				rejection = notDecoded(s.Decode(r.Context(), budget.WeightJSON(body)))
			}
			done = true
		}
		return body, rejection
	}
}

func readBody(r *http.Request, limit int64, s *budget.Share) ([]byte, *reject.Rejection) {
	if r.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	sent, err := readUpTo(&meter{share: s, reader: r.Body}, limit)
	if err != nil {
		return nil, unreadable(err, limit)
	}
	conns.Finished(r.Context())
	encoding := strings.ToLower(strings.TrimSpace(strings.Join(r.Header.Values("Content-Encoding"), ",")))
	switch {
	case isGzip(sent):
		// Some SDKs compress without saying so, and some proxies change the header.
		encoding = "gzip"
	case !known(encoding):
		return nil, reject.New(reject.UnsupportedMediaType, "Content-Encoding", "expected gzip, deflate or none, once")
	}
	if encoding == "" || encoding == "identity" || len(sent) == 0 {
		return sent, nil
	}
	if err := s.Decode(r.Context(), decompressWeight); err != nil {
		return nil, notDecoded(err)
	}
	defer s.Decoded()
	return decompress(sent, encoding, limit, s)
}

// meter counts what is read as it arrives. A sender who only announces a large body holds no memory.
type meter struct {
	share  *budget.Share
	reader io.Reader
}

// Read implements io.Reader.
func (m *meter) Read(p []byte) (int, error) {
	n, err := m.reader.Read(p)
	if full := m.share.Hold(bufferFactor * int64(n)); full != nil {
		return n, full
	}
	return n, err
}

// isGzip reports whether the bytes start as those of gzip do. No JSON and no text does.
func isGzip(b []byte) bool { return len(b) > 2 && b[0] == 0x1f && b[1] == 0x8b && b[2] == 8 }

func known(encoding string) bool {
	switch encoding {
	case "", "identity", "gzip", "x-gzip", "deflate":
		return true
	}
	return false
}

func decompress(sent []byte, encoding string, limit int64, s *budget.Share) ([]byte, *reject.Rejection) {
	d, err := decompressor(sent, encoding)
	if err != nil {
		return nil, notCompressed(encoding)
	}
	bound := min(limit, int64(len(sent))*maxRatio)
	body, err := readUpTo(&meter{share: s, reader: d}, bound)
	if errors.Is(err, errTooLarge) && bound < limit {
		return nil, reject.New(reject.BodyTooLarge, "", fmt.Sprintf("the body grows more than %d-fold when it is decompressed", maxRatio))
	}
	if errors.Is(err, errTooLarge) {
		return nil, tooLarge(limit)
	}
	if errors.Is(err, budget.ErrFull) {
		return nil, pipeline.Overloaded()
	}
	if err != nil {
		return nil, notCompressed(encoding)
	}
	return body, nil
}

// decompressor reads gzip, or what HTTP calls deflate, which is zlib; some senders omit its header.
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

// readUpTo reads at most limit bytes; more is errTooLarge. The buffer grows with what arrives, not with what was announced.
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
	if errors.Is(err, budget.ErrFull) {
		return pipeline.Overloaded()
	}
	return reject.New(reject.Unfinished, "", "the body is incomplete")
}

func tooLarge(limit int64) *reject.Rejection {
	return reject.New(reject.BodyTooLarge, "", fmt.Sprintf("the body has more than %d bytes after decompression; send smaller batches", limit))
}

// notDecoded explains why a body is not decoded, or returns nil if there is no error.
func notDecoded(err error) *reject.Rejection {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, budget.ErrTooLarge):
		return reject.New(reject.BodyTooLarge, "", err.Error()+"; send smaller batches, or give the pods more memory")
	}
	return pipeline.Overloaded()
}

func notCompressed(encoding string) *reject.Rejection {
	return reject.New(reject.BadJSON, "Content-Encoding", "the body is not valid "+encoding)
}
