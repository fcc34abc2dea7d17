// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package fill

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/recording"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Request processes the recorded requests of a file as the pods of their sources would.
func (f *Filler) Request(ctx context.Context, arg string) error {
	path, undo, err := f.choose(arg)
	defer undo()
	if err != nil {
		return err
	}
	list, err := recording.ReadFile(path, strings.NewReader(""), nil)
	if err != nil {
		return err
	}
	for i := range list {
		if list[i].Bare {
			return fmt.Errorf("%s: it has documents without their requests: use --events", path)
		}
		if err := f.recorded(ctx, path, list[i].HTTP()); err != nil {
			return err
		}
	}
	return nil
}

// recorded processes one request of a file.
func (f *Filler) recorded(ctx context.Context, path string, r *http.Request) error {
	name := f.fallback
	if parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/"); name == "" && len(parts) > 1 && f.specs[parts[1]] != nil {
		name = parts[1] // "/<namespace>/<source>/" is the address of a source behind an Ingress.
	}
	if name == "" {
		return fmt.Errorf("%s: the request may be for any of %s: set --source, or use SOURCE=FILE", path, strings.Join(f.known, ", "))
	}
	source, err := f.source(name)
	if err != nil {
		return err
	}
	mapped := source.Request(r, nil)
	rows := int64(max(1, len(mapped.Events)+len(mapped.Rejected)))
	f.out.counting(rows)
	f.out.countingFor(name, rows)
	if err := f.take(ctx, path, name, &mapped); err != nil {
		return err
	}
	return f.flush(ctx, name)
}

// unwrap removes the headers of the request from a row, so that mapping rules can read them. A row with only the fields of a request is a recorded
// request, whose document is its body.
func unwrap(row map[string]any) (document any, header http.Header) {
	fields, ok := objectOf(row["headers"])
	if !ok {
		return row, nil
	}
	header = http.Header{}
	for name, v := range fields {
		if list, ok := v.([]any); ok && len(list) > 0 {
			v = list[0]
		}
		if text, ok := value.Text(v); ok {
			header.Set(name, text)
		}
	}
	body, ok := row["body"]
	if !ok || !recording.IsRequest(row) {
		delete(row, "headers")
		return row, header
	}
	if object, isObject := objectOf(body); isObject {
		return object, header
	}
	return body, header
}

// objectOf returns an object, or the one in a JSON text.
func objectOf(v any) (map[string]any, bool) {
	if text, ok := v.(string); ok {
		v, _ = value.Decode([]byte(text))
	}
	object, ok := v.(map[string]any)
	return object, ok
}
