// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/wire"
)

// scanBuffer collects small writes of the Arrow writer.
const scanBuffer = 256 << 10

// afterHeaderError is an error after the response has started. It is sent in a trailer.
type afterHeaderError struct{ err error }

func (e *afterHeaderError) Error() string { return e.err.Error() }

func (e *afterHeaderError) Unwrap() error { return e.err }

func (s *Server) scan(w http.ResponseWriter, r *http.Request) (err error) {
	var request store.ScanRequest
	if err := readJSON(w, r, &request); err != nil {
		return err
	}
	schema, err := request.Schema()
	if err != nil {
		return err
	}
	release, err := s.acquire(r.Context(), s.scans, 1, "scans")
	if err != nil {
		return err
	}
	defer release()
	scan, err := s.opts.Store.Scan(r.Context(), request)
	if err != nil {
		return err
	}
	s.metrics.activeScans.Inc()
	defer func() {
		s.metrics.activeScans.Dec()
		s.metrics.scanned(scan.Stats())
		err = errors.Join(err, ignoreAfter(err, scan.Close()))
	}()
	return s.stream(w, scan, schema)
}

// ignoreAfter returns the second error only if there is no first one: a response that has started cannot be replaced.
func ignoreAfter(first, second error) error {
	if first == nil && second != nil {
		return &afterHeaderError{err: second}
	}
	return nil
}

// stream sends the batches. It reads the first one before the response starts, so that a scan that fails at once gets an error status. Later errors
// are sent in a trailer. A scan is complete only if it has the trailer with the statistics.
func (s *Server) stream(w http.ResponseWriter, scan store.Scan, schema *arrow.Schema) error {
	batch, err := scan.Next()
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if batch != nil {
		// Parts of a request are hints. The batches show which form the store returns.
		schema = batch.Schema()
	}
	h := w.Header()
	snapshot, marshalErr := json.Marshal(scan.Snapshot())
	if marshalErr != nil {
		return marshalErr
	}
	h.Set(wire.HeaderSnapshot, string(snapshot))
	h.Set("Content-Type", wire.ArrowStream)
	h.Set("Trailer", strings.Join([]string{wire.TrailerStats, wire.TrailerChecksum, wire.TrailerError}, ", "))
	w.WriteHeader(http.StatusOK)

	control := http.NewResponseController(w)
	sum := xxh3.New()
	out := bufio.NewWriterSize(io.MultiWriter(sum, &stallWriter{w: w, c: control, stall: s.opts.StallTimeout}), scanBuffer)
	arrowOut := ipc.NewWriter(out, ipc.WithSchema(schema), ipc.WithDictionaryDeltas(true))
	for err == nil {
		// The client processes a batch while the store prepares the next one.
		if err = errors.Join(arrowOut.Write(batch), out.Flush(), control.Flush()); err == nil {
			batch, err = scan.Next()
		}
	}
	if errors.Is(err, io.EOF) {
		err = errors.Join(arrowOut.Close(), out.Flush())
	}
	if err != nil {
		_, body := wire.StatusOf(err)
		setTrailer(h, wire.TrailerError, body)
		return &afterHeaderError{err: err}
	}
	setTrailer(h, wire.TrailerStats, scan.Stats())
	h.Set(wire.TrailerChecksum, wire.Checksum(sum))
	return nil
}

func setTrailer(h http.Header, name string, value any) {
	text, err := json.Marshal(value)
	if err == nil {
		h.Set(name, string(text))
	}
}

// stallWriter gives up on a client that reads nothing for a while, because it would hold its snapshot forever.
type stallWriter struct {
	w     io.Writer
	c     *http.ResponseController
	stall time.Duration
}

func (s *stallWriter) Write(p []byte) (int, error) {
	if err := s.c.SetWriteDeadline(time.Now().Add(s.stall)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return s.w.Write(p)
}
