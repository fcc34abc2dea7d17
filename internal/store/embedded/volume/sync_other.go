// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package volume

// Sync makes the file durable with the system's own call: F_FULLFSYNC on macOS, FlushFileBuffers on Windows.
func (f systemFile) Sync() error { return f.File.Sync() }
