// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/wire"
)

// Scan opens a stream. The context is used for the whole stream. A store can ignore the hints of a packed scan, so both schemas are accepted.
func (c *Client) Scan(ctx context.Context, r store.ScanRequest) (store.Scan, error) {
	schema, err := r.Schema()
	if err != nil {
		return nil, err
	}
	plain := r.Plain()
	other, err := plain.Schema()
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", store.ErrInvalid, err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	s := &scan{schemas: []*arrow.Schema{schema, other}, cancel: cancel, stall: c.scanTimeout, limit: maxBatchBytes, sum: xxh3.New()}
	defer s.watch()()
	//nolint:bodyclose // the scan owns the body: its Close closes it
	answer, err := c.send(ctx, call{method: http.MethodPost, path: wire.PathScan, mediaType: "application/json", body: body, again: true})
	if err != nil {
		cancel(nil)
		return nil, err
	}
	s.answer, s.stream = answer, io.TeeReader(answer.Body, s.sum)
	if err := json.Unmarshal([]byte(answer.Header.Get(wire.HeaderSnapshot)), &s.snapshot); err != nil {
		return nil, errors.Join(unavailable(fmt.Errorf("the response names no snapshot: %w", err)), s.Close())
	}
	return s, nil
}

// scan reads the stream of a response.
type scan struct {
	schemas []*arrow.Schema
	answer  *http.Response
	// stream is the body of the answer, and sum the hash of what was read of it.
	stream   io.Reader
	sum      *xxh3.Hasher
	cancel   context.CancelCauseFunc
	stall    time.Duration
	limit    int64
	snapshot store.Snapshot
	reader   *ipc.Reader
	stats    store.ScanStats
	end      error
}

// maxBatchBytes is the size of a batch of a scan. If a corrupt stream claims more, no memory is allocated for it.
const maxBatchBytes = 1 << 30

var errStalled = errors.New("the store sends nothing")

// watch ends the scan if nothing arrives for too long, until the returned function is called.
func (s *scan) watch() func() {
	timer := time.AfterFunc(s.stall, func() { s.cancel(errStalled) })
	return func() { timer.Stop() }
}

func (s *scan) Snapshot() store.Snapshot { return s.snapshot }

func (s *scan) Stats() store.ScanStats { return s.stats }

func (s *scan) Next() (arrow.RecordBatch, error) {
	if s.end != nil {
		return nil, s.end
	}
	defer s.watch()()
	batch, err := s.next()
	if err != nil {
		s.end = err
		return nil, err
	}
	return batch, nil
}

func (s *scan) next() (arrow.RecordBatch, error) {
	if s.reader == nil {
		reader, err := ipc.NewReader(wire.InspectScan(s.stream, s.limit))
		if err != nil {
			return nil, s.broken(err)
		}
		s.reader = reader
		if !slices.ContainsFunc(s.schemas, reader.Schema().Equal) {
			return nil, unavailable(fmt.Errorf("the store returned other columns: %s", reader.Schema()))
		}
	}
	if s.reader.Next() {
		if err := wire.CheckBatch(s.reader.RecordBatch()); err != nil {
			return nil, s.broken(err)
		}
		return s.reader.RecordBatch(), nil
	}
	if err := s.reader.Err(); err != nil {
		return nil, s.broken(err)
	}
	return nil, s.finish()
}

// finish checks the end of a stream. It is complete only if it has the trailer with the statistics, and intact only if its checksum is the same.
func (s *scan) finish() error {
	if err := s.broken(nil); err != nil {
		return err
	}
	text := s.answer.Trailer.Get(wire.TrailerStats)
	if text == "" {
		return unavailable(errors.New("the scan is incomplete"))
	}
	if want, got := s.answer.Trailer.Get(wire.TrailerChecksum), wire.Checksum(s.sum); want != got {
		return unavailable(fmt.Errorf("the scan is corrupt: its checksum is %s instead of %q", got, want))
	}
	if err := json.Unmarshal([]byte(text), &s.stats); err != nil {
		return unavailable(fmt.Errorf("statistics of the scan: %w", err))
	}
	return io.EOF
}

// broken reads the rest, because trailers follow it, and returns the store's error if there is one, otherwise that of the stream.
func (s *scan) broken(err error) error {
	_, rest := io.Copy(io.Discard, s.stream)
	var told wire.Error
	if text := s.answer.Trailer.Get(wire.TrailerError); text != "" && json.Unmarshal([]byte(text), &told) == nil {
		return told.Err(http.StatusServiceUnavailable)
	}
	if err := errors.Join(err, rest); err != nil {
		return unavailable(fmt.Errorf("the scan broke off: %w", err))
	}
	return nil
}

// Close ends the scan. A connection in the middle of a stream is not reused.
func (s *scan) Close() error {
	if s.end == nil {
		s.end = errors.New("the scan is closed")
	}
	if s.reader != nil {
		s.reader.Release()
		s.reader = nil
	}
	s.cancel(nil)
	// Closing the body of a cancelled request returns that cancellation.
	_ = s.answer.Body.Close()
	return nil
}
