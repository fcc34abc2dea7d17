// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package client

import (
	"bufio"
	"context"
	"encoding/json"
	"io"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/files/export"
	"github.com/journeyman-dev/journeyman/internal/files/record"
	"github.com/journeyman-dev/journeyman/internal/ingest/importer"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// fileError is an error of the file, in contrast to those of the connection.
type fileError struct{ error }

// sender sends the records of the file.
type sender struct {
	*session
	out *bufio.Writer
	// header is that of the latest record.
	header []map[string]any
}

// send reads the file from its beginning, because the id of a record can depend on those before it, and sends the records that are not stored yet.
func (w *sender) send(ctx context.Context, settings *v1alpha1.FilesTransport) error {
	if err := w.write(importer.Begin{Version: importer.Version, File: w.Name, Import: w.Import, DryRun: w.DryRun}); err != nil {
		return err
	}
	var broken error
	_, err := w.File.Seek(0, io.SeekStart)
	if err == nil {
		err = export.Read(w.File, settings, func(r *export.Record) error {
			if r.Position <= w.after {
				return ctx.Err()
			}
			broken = w.record(r)
			return broken
		}, w.note)
	}
	switch {
	case broken != nil:
		return broken
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		_ = w.end() // What is before the damage is stored. If the pod has gone, the answers say so.
		return &fileError{err}
	}
	return w.end()
}

func (w *sender) end() error {
	if err := w.write(importer.FromClient{End: true}); err != nil {
		return err
	}
	return w.out.Flush()
}

// note passes a remark on, once.
func (w *sender) note(remark string) {
	if w.after == 0 {
		w.Note(remark)
	}
}

func (w *sender) record(r *export.Record) error {
	if len(r.Header) > 0 && (len(w.header) == 0 || &w.header[0] != &r.Header[0]) || len(r.Header) == 0 && len(w.header) > 0 {
		raw, err := record.EncodeHeader(r.Header)
		if err == nil {
			err = w.write(importer.FromClient{Header: raw})
		}
		if err != nil {
			return err
		}
		w.header = r.Header
	}
	raw, err := record.Encode(r)
	if err == nil {
		err = w.line(raw)
	}
	return err
}

func (w *sender) write(message any) error {
	raw, err := value.Encode(message)
	if err == nil {
		err = w.line(raw)
	}
	return err
}

func (w *sender) line(raw json.RawMessage) error {
	if _, err := w.out.Write(raw); err != nil {
		return err
	}
	return w.out.WriteByte('\n')
}
