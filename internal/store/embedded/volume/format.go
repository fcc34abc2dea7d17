// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package volume

import "fmt"

// FormatError means that a file is complete, but in a format that this program does not support: that of a newer release, or of one that is too old.
type FormatError struct {
	// File is relative to the store's folder, Found is its format, and Supported the one that this program reads and writes.
	File             string
	Found, Supported int64
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("%s has format %d; this program supports format %d: run a release that supports format %d", e.File, e.Found, e.Supported, e.Found)
}

// CheckFormat returns a FormatError unless the format is the supported one.
func CheckFormat(file string, found, supported int64) error {
	if found == supported {
		return nil
	}
	return &FormatError{File: file, Found: found, Supported: supported}
}
