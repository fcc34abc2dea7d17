// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"io"
	"time"

	"github.com/journeyman-dev/journeyman/internal/ingest"
	"github.com/journeyman-dev/journeyman/internal/ingest/importer"
)

// importRecords stores the records of a file, which kubectl journey import reads and sends to stdin. Identities are hashed here, as in requests, so that
// the pepper does not leave the pod.
func importRecords(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	s, err := ingest.Open(o.files, o.connect)
	if err != nil {
		return err
	}
	return importer.Serve(ctx, s, time.Now, in, out)
}
