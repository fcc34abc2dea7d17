// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package volume

import "golang.org/x/sys/unix"

// Sync makes the content durable, and of the file's metadata only its size.
func (f systemFile) Sync() error { return unix.Fdatasync(int(f.Fd())) }
