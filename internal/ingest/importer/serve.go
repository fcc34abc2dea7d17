// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package importer

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/journeyman-dev/journeyman/internal/files/record"
	"github.com/journeyman-dev/journeyman/internal/ingest/pipeline"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// silence is how long a client can send nothing: if its machine has gone, nobody closes the connection. A client that resumes reads a large file again, up
// to the first record that is not stored.
const silence = 30 * time.Minute

// errBroken means that the client has gone before it has sent the whole file. Nobody reads the answer.
var errBroken = errors.New("the connection ended before the file")

// Serve stores the records that a client sends, and answers with the progress and the result. An error was also sent to the client.
func Serve(ctx context.Context, s *pipeline.Snapshot, now func() time.Time, in io.Reader, out io.Writer) error {
	v := &server{out: bufio.NewWriter(out), lines: bufio.NewReaderSize(in, 64<<10)}
	err := v.serve(ctx, s, now)
	if err == nil || errors.Is(err, errBroken) {
		return err
	}
	said := FromPod{Error: err.Error()}
	if v.importer != nil {
		said.Failed = v.importer.Result()
	}
	return errors.Join(err, v.say(said))
}

type server struct {
	out      *bufio.Writer
	lines    *bufio.Reader
	importer *Importer
}

func (v *server) say(message any) error {
	raw, err := value.Encode(message)
	if err != nil {
		return err
	}
	if _, err = v.out.Write(append(raw, '\n')); err == nil {
		err = v.out.Flush()
	}
	return err
}

func (v *server) serve(ctx context.Context, s *pipeline.Snapshot, now func() time.Time) error {
	// Whether the source takes files is known before the client has read any.
	options := Options{Snapshot: s, Now: now, Waiting: func(why string) error { return v.say(FromPod{Waiting: why}) }, DryRun: true}
	if _, err := New(options); err != nil {
		return err
	}
	c := s.Config
	if err := v.say(Hello{Version: Version, Source: c.Name, Store: string(c.Source.StoreRef.Name), Files: c.Source.Transport.Files}); err != nil {
		return err
	}
	raw, err := v.line()
	if err != nil {
		return err
	}
	var b Begin
	switch err := json.Unmarshal(raw, &b); {
	case err != nil:
		return fmt.Errorf("the first message of the client is not valid JSON: %w", err)
	case b.Version != Version:
		return fmt.Errorf("the client speaks version %d of the protocol, and this pod version %d: use kubectl journey of the version of the operator",
			b.Version, Version)
	}
	options.File, options.Import, options.DryRun = b.File, b.Import, b.DryRun
	if v.importer, err = New(options); err != nil {
		return err
	}
	return v.store(ctx)
}

// line returns the next line without its end.
func (v *server) line() ([]byte, error) {
	var out []byte
	for {
		part, err := v.lines.ReadSlice('\n')
		if len(out)+len(part) > 2*record.MaxBytes {
			return nil, errors.New("a message of the client is too long")
		}
		out = append(out, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err != nil:
			return nil, errors.Join(errBroken, err)
		default:
			return bytes.TrimSuffix(out, []byte("\n")), nil
		}
	}
}

// received is a record, the end of the file, or an error.
type received struct {
	record *record.Record
	size   int
	err    error
}

// errEnd is the end of the file.
var errEnd = errors.New("end")

// store stores the records until the end of the file.
func (v *server) store(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	// Records are decoded while others are stored.
	records := make(chan received, 16)
	go v.receive(ctx, records)
	timer := time.NewTimer(silence)
	defer timer.Stop()
	for {
		var next received
		timer.Reset(silence)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			return fmt.Errorf("the client has sent nothing for %s", silence)
		case next = <-records:
		}
		switch {
		case errors.Is(next.err, errEnd):
			if err := v.importer.Flush(ctx); err != nil {
				return err
			}
			return v.say(FromPod{Done: v.importer.Result()})
		case next.err != nil:
			return next.err
		}
		stored, err := v.importer.Add(ctx, next.record, next.size)
		if err == nil && stored {
			progress := *v.importer.Result()
			progress.Refusals, progress.Examples = nil, nil
			err = v.say(FromPod{Progress: &progress})
		}
		if err != nil {
			return err
		}
	}
}

// receive decodes what the client sends. It ends with the file, with an error, or with ctx once it has received something.
func (v *server) receive(ctx context.Context, records chan<- received) {
	var header []map[string]any
	for {
		next := v.next(&header)
		if next.err == nil && next.record == nil {
			continue
		}
		select {
		case records <- next:
		case <-ctx.Done():
			return
		}
		if next.err != nil {
			return
		}
	}
}

// next returns the next record; none if it was a header.
func (v *server) next(header *[]map[string]any) received {
	raw, err := v.line()
	if err != nil {
		return received{err: err}
	}
	if !bytes.HasPrefix(raw, []byte(`{"n":`)) { // the first field of a record
		var m FromClient
		err := json.Unmarshal(raw, &m)
		if err == nil && m.End {
			err = errEnd
		} else if err == nil {
			*header, err = record.DecodeHeader(m.Header)
		}
		return received{err: err}
	}
	r, err := record.Decode(raw)
	if err == nil {
		r.Header = *header
	}
	return received{record: r, size: len(raw), err: err}
}
