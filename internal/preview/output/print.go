// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package output

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/internal/preview/fill"
)

// Printer prints objects, and in machine-readable formats also what happened to the rows.
type Printer func(w io.Writer, objects []Object, in *fill.Result) error

// NewPrinter returns a printer for a format: table, json or yaml.
func NewPrinter(form string) (Printer, error) {
	switch form {
	case "table":
		return func(w io.Writer, objects []Object, _ *fill.Result) error { return printTables(w, objects) }, nil
	case "json":
		return func(w io.Writer, objects []Object, in *fill.Result) error { return printJSON(w, objects, in, nil) }, nil
	case "yaml":
		return func(w io.Writer, objects []Object, in *fill.Result) error {
			return printJSON(w, objects, in, yaml.JSONToYAML)
		}, nil
	}
	return nil, fmt.Errorf("unknown output %q: use table, json or yaml", form)
}

// printJSON prints a list, as kubectl does.
func printJSON(w io.Writer, objects []Object, in *fill.Result, convert func([]byte) ([]byte, error)) error {
	list := struct {
		APIVersion string   `json:"apiVersion"`
		Kind       string   `json:"kind"`
		Items      []Object `json:"items"`
		// Input describes what happened to the rows. kubectl ignores it.
		Input *fill.Result `json:"input,omitempty"`
	}{"v1", "List", objects, in}
	b, err := json.MarshalIndent(list, "", "  ")
	if err == nil && convert != nil {
		b, err = convert(b)
	}
	if err == nil {
		_, err = fmt.Fprintf(w, "%s\n", strings.TrimRight(string(b), "\n"))
	}
	return err
}
