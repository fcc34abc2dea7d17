// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package channels

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// again imports the files of a sample once more, last ones first: as they are, renamed, packed in other ways, with a byte-order mark, and in two parts
// after a crash. Nothing may be added. Then it imports them into an empty store with a crash at each place.
func (s *shelf) again(ctx context.Context, d *differ, e *Export) error {
	names := e.files()
	for i := len(names) - 1; i >= 0; i-- {
		raw, err := os.ReadFile(filepath.Join(e.Dir, names[i]))
		if err != nil {
			return err
		}
		forms, err := formsOf(names[i], raw)
		if err != nil {
			return err
		}
		for name, content := range forms {
			path := filepath.Join(s.dir, name)
			if err := os.WriteFile(path, content, 0o600); err != nil {
				return err
			}
			before := len(s.events)
			if _, err := s.add(ctx, path, 0, 0); err != nil {
				return err
			}
			if _, err := s.stored(ctx); err != nil {
				return err
			}
			if added := len(s.events) - before; added > 0 {
				d.found = append(d.found, fmt.Sprintf("%s, read again as %s, adds %d events", names[i], name, added))
			}
		}
	}
	return crashes(ctx, d, e, len(s.events))
}

// formsOf returns a file under other names and in other forms.
func formsOf(name string, raw []byte) (map[string][]byte, error) {
	out := map[string][]byte{filepath.Base(name): raw, "renamed": raw}
	var err error
	if bytes.HasPrefix(raw, []byte("PK\x03\x04")) {
		out["packed-again.zip"], err = packedAgain(raw)
		return out, err
	}
	plain := raw
	if bytes.HasPrefix(raw, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			return nil, err
		}
		if plain, err = io.ReadAll(z); err != nil {
			return nil, err
		}
		out["unpacked"] = plain
	}
	if out["packed.gz"], err = packed(plain, func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriterLevel(w, 1) }); err != nil {
		return nil, err
	}
	if out["packed.zst"], err = packed(plain, func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) }); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("folder/" + filepath.Base(name))
	if err == nil {
		_, err = w.Write(plain)
	}
	if err = errors.Join(err, z.Close()); err != nil {
		return nil, err
	}
	out["packed.zip"] = b.Bytes()
	if mark := "\xef\xbb\xbf"; !bytes.HasPrefix(plain, []byte("PAR1")) && isUTF8(plain) {
		out["marked"] = append([]byte(mark), bytes.TrimPrefix(plain, []byte(mark))...)
		out["not-marked"] = bytes.TrimPrefix(plain, []byte(mark))
	}
	return out, nil
}

func isUTF8(b []byte) bool {
	return strings.ToValidUTF8(string(b), "") == string(b) && bytes.IndexByte(b, 0) < 0
}

func packed(plain []byte, open func(io.Writer) (io.WriteCloser, error)) ([]byte, error) {
	var b bytes.Buffer
	w, err := open(&b)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(plain)
	err = errors.Join(err, w.Close())
	return b.Bytes(), err
}

// packedAgain writes an archive without compression, its files in another order.
func packedAgain(raw []byte) ([]byte, error) {
	in, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for i := len(in.File) - 1; i >= 0; i-- {
		r, err := in.File[i].Open()
		if err != nil {
			return nil, err
		}
		w, err := out.CreateHeader(&zip.FileHeader{Name: in.File[i].Name, Method: zip.Store})
		if err == nil {
			_, err = io.Copy(w, r)
		}
		if err = errors.Join(err, r.Close()); err != nil {
			return nil, err
		}
	}
	err = out.Close()
	return b.Bytes(), err
}

// crashes imports into an empty store, with a crash after some records, from where the import resumes.
func crashes(ctx context.Context, d *differ, e *Export, want int) error {
	for _, at := range []int64{1, 2, 4} {
		s, err := newShelf(e)
		if err != nil {
			return err
		}
		for _, i := range e.Imports {
			for _, name := range i.Files {
				path := filepath.Join(e.Dir, name)
				r, err := s.add(ctx, path, 0, at)
				if errors.Is(err, errCrash) {
					_, err = s.add(ctx, path, r.Position, 0)
				}
				if err != nil {
					return errors.Join(err, s.close())
				}
			}
		}
		if len(s.events) != want {
			d.found = append(d.found, fmt.Sprintf("after crashes at record %d and resuming, %d events are stored instead of %d", at, len(s.events), want))
		}
		if err := s.close(); err != nil {
			return err
		}
	}
	return nil
}

// RunExports runs the samples of all systems in a folder, and prints each difference. It returns the results for a table.
func RunExports(ctx context.Context, w io.Writer, dir string) ([]Result, error) {
	samples, err := exportSystems(dir)
	if err != nil {
		return nil, err
	}
	var out []Result
	for i := range samples {
		e := &samples[i]
		if len(out) == 0 || out[len(out)-1].File != e.System {
			out = append(out, Result{File: e.System, Via: "files"})
		}
		r := &out[len(out)-1]
		r.Total++
		found, err := RunExport(ctx, e)
		if err != nil {
			found = append(found, err.Error())
		}
		for _, f := range found {
			if _, err := fmt.Fprintf(w, "%s: %s: %s\n", e.System, e.Name, f); err != nil {
				return nil, err
			}
		}
		if len(found) > 0 {
			r.Failed++
		} else {
			r.Passed++
		}
	}
	return out, nil
}
