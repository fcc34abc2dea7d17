// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package podconfig

import "github.com/journeyman-dev/journeyman/api/v1alpha1"

// FileRef is a key of a Secret or ConfigMap that a transport which fetches reads from a file in SecretDir.
type FileRef struct {
	// Path of the file, which is only a name.
	Path string
	// Secret or ConfigMap that has it, one of both, and its Key there.
	Secret, ConfigMap, Key string
}

// TransportFiles returns what the chosen transport reads from files to fetch its documents; nil if it receives them. All of them are required.
func TransportFiles(_ *v1alpha1.Transport) []FileRef { return nil }
