// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package objects

// MountAt sets where the volume is.
func MountAt(dir string) { mountedAt = dir }
