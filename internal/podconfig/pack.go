// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package podconfig

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

const (
	// PackedFile is the name of a compressed document, which does not fit as File.
	PackedFile = File + ".gz"
	// maxText is the size of the largest uncompressed document. The API server accepts 1 MiB in a ConfigMap.
	maxText = 512 << 10
	// MaxPacked is the size of the largest compressed document.
	MaxPacked = 1<<20 - 1<<10
	// maxDocument is the size of a decompressed document: more than any object of the API.
	maxDocument = 16 << 20
)

// ErrTooLarge means that a document does not fit into a ConfigMap, even compressed.
var ErrTooLarge = errors.New("the spec is too large for the ConfigMap of its pods")

// Packed is a document in one of its two forms, Text or Binary.
type Packed struct {
	Text   string
	Binary []byte
}

// Pack encodes a document for a ConfigMap: indented, because people read it with kubectl; on one line if it is large, and compressed if it is larger
// still. Errors wrap ErrTooLarge.
func Pack(document any) (Packed, error) {
	b, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		return Packed{}, err
	}
	if len(b) < maxText {
		return Packed{Text: string(b) + "\n"}, nil
	}
	if b, err = json.Marshal(document); err != nil {
		return Packed{}, err
	}
	if len(b) < maxText {
		return Packed{Text: string(b) + "\n"}, nil
	}
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(b)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return Packed{}, err
	}
	if out.Len() > MaxPacked {
		return Packed{}, fmt.Errorf("%w: %d bytes, %d compressed, over %d: use fewer or shorter values", ErrTooLarge, len(b), out.Len(), MaxPacked)
	}
	return Packed{Binary: out.Bytes()}, nil
}

// Unpack returns the JSON of a document.
func Unpack(p Packed) ([]byte, error) {
	if len(p.Binary) == 0 {
		return []byte(p.Text), nil
	}
	r, err := gzip.NewReader(bytes.NewReader(p.Binary))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", PackedFile, err)
	}
	b, err := io.ReadAll(io.LimitReader(r, maxDocument+1))
	if err == nil && len(b) > maxDocument {
		err = fmt.Errorf("over %d bytes", maxDocument)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", PackedFile, err)
	}
	return b, nil
}

// ReadFile reads a document in either form. The path is that of the text.
func ReadFile(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return b, err
	}
	packed, packedErr := os.ReadFile(path + PackedFile[len(File):])
	if packedErr != nil {
		return nil, err
	}
	return Unpack(Packed{Binary: packed})
}
