// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/journeyman-dev/journeyman/internal/budget"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/wire"
)

// bufferFactor is the memory that a byte of a body needs while its buffer grows.
const bufferFactor = 2

// append responds when the batch is durable.
func (s *Server) append(w http.ResponseWriter, r *http.Request) error {
	return s.batch(w, r, func(b store.Batch, size int64) (any, error) {
		answer, err := s.opts.Store.Append(r.Context(), b)
		if err == nil {
			s.metrics.appended(len(b.Events), size, answer)
		}
		return answer, err
	})
}

// batch reads a batch, waits for its turn to decode and store it, and responds with what take returns. Bytes count when they arrive, so a sender that
// only announces many bytes blocks nobody.
func (s *Server) batch(w http.ResponseWriter, r *http.Request, take func(b store.Batch, size int64) (any, error)) error {
	if r.ContentLength > s.opts.MaxBodyBytes {
		return tooLarge(s.opts.MaxBodyBytes)
	}
	share := s.opts.Memory.Share()
	defer share.Release()
	in := &stallReader{r: http.MaxBytesReader(w, r.Body, s.opts.MaxBodyBytes), c: http.NewResponseController(w), stall: s.opts.StallTimeout, share: share}
	var body bytes.Buffer
	if _, err := body.ReadFrom(in); err != nil {
		return readError(err)
	}
	// The largest batch gets a turn even if memory is small, alone.
	weight := min(int64(body.Len())*wire.MemoryFactor, s.opts.Memory.MaxDecode())
	if err := share.Decode(r.Context(), weight); err != nil {
		return fmt.Errorf("%w: too many appends at once", store.ErrUnavailable)
	}
	b, err := wire.DecodeBatch(body.Bytes())
	if err != nil {
		return err
	}
	size := int64(body.Len())
	body = bytes.Buffer{}
	answer, err := take(b, size)
	if err != nil {
		return err
	}
	share.Release()
	answerJSON(w, http.StatusOK, answer)
	return nil
}

// stallReader counts bytes, and gives up on a sender that sends nothing for a while.
type stallReader struct {
	r     io.Reader
	c     *http.ResponseController
	stall time.Duration
	share *budget.Share
}

func (s *stallReader) Read(p []byte) (int, error) {
	if err := s.c.SetReadDeadline(time.Now().Add(s.stall)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	n, err := s.r.Read(p)
	if full := s.share.Hold(bufferFactor * int64(n)); full != nil {
		return n, full
	}
	if errors.Is(err, io.EOF) {
		// Otherwise the deadline would end the handler's wait for its store.
		if reset := s.c.SetReadDeadline(time.Time{}); reset != nil && !errors.Is(reset, http.ErrNotSupported) {
			return n, reset
		}
	}
	return n, err
}

func tooLarge(limit int64) error {
	return fmt.Errorf("%w: the body is over %d bytes", store.ErrInvalid, limit)
}

// readError distinguishes a body that is too large from a broken connection, and from appends that are too large together.
func readError(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return tooLarge(large.Limit)
	}
	return fmt.Errorf("%w: reading the body: %w", store.ErrUnavailable, err)
}
