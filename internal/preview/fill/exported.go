// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package fill

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/files/export"
	"github.com/journeyman-dev/journeyman/internal/ingest"
	"github.com/journeyman-dev/journeyman/internal/privacy/mask"
)

// exports returns the source of a file, and its settings for files if its transport is files and rules create its events: such a file is read as an
// import reads it.
func (f *Filler) exports() (*ingest.Offline, *v1alpha1.FilesTransport, error) {
	if spec := f.specs[f.fallback]; spec == nil || spec.Transport.Files == nil || !f.mapped(f.fallback) {
		return nil, nil, nil
	}
	source, err := f.source(f.fallback)
	if err != nil {
		return nil, nil, err
	}
	return source, source.Files(), nil
}

// exported stores the records of an exported file.
func (f *Filler) exported(ctx context.Context, path string, text *Text, source *ingest.Offline, own *v1alpha1.FilesTransport) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // it was only read
	settings, base := own.DeepCopy(), filepath.Base(path)
	if text.Encoding != "" {
		settings.Encoding = text.Encoding
	}
	if settings.TimeZone == "" && text.Zone != nil {
		settings.TimeZone = text.Zone.String()
	}
	err = export.Read(in, settings, func(r *export.Record) error {
		where := fmt.Sprintf("%s:%d", path, r.Line)
		if r.Member != "" {
			where = fmt.Sprintf("%s, %s:%d", path, mask.Name(r.Member), r.Line)
		}
		f.out.counting(1)
		f.out.countingFor(f.fallback, 1)
		mapped := source.Candidate(r.Candidate(base, settings.TimeZone, settings.Currency))
		return f.take(ctx, where, f.fallback, &mapped)
	}, func(note string) { f.out.Notes = append(f.out.Notes, base+": "+mask.Name(note)) })
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return f.flush(ctx, f.fallback)
}
