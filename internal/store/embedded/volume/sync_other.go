// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package volume

// Sync makes the file durable, by what the system has for it: F_FULLFSYNC of macOS, FlushFileBuffers of Windows.
func (f systemFile) Sync() error { return f.File.Sync() }
