// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest"
)

// hash reads an identity from stdin, a JSON object with type and value, and prints the forms in which this pod writes it. kubectl journey erase calls
// it, so that the pepper does not leave the pod.
func hash(args []string, in io.Reader, out io.Writer) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	var id event.Identity
	if err := json.NewDecoder(io.LimitReader(in, 64<<10)).Decode(&id); err != nil || id.Type == "" {
		return errors.Join(errors.New("stdin is not a JSON object with type and value"), err)
	}
	forms, err := ingest.Forms(o.files, id)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(out).Encode(forms); err != nil {
		return fmt.Errorf("stdout: %w", err)
	}
	return nil
}
