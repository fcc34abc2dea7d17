// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package podconfig

import (
	"encoding/json"
	"fmt"
)

// Decode reads a document, and refuses one of a version that this program does not support. It reads the version first: fields of another version may
// have other types. file is the name in errors.
func Decode(file string, raw []byte, document any) error {
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return fmt.Errorf("%s is not a valid document: %w", file, err)
	}
	if head.Version != Version {
		return fmt.Errorf("%s has version %d; this program supports version %d", file, head.Version, Version)
	}
	if err := json.Unmarshal(raw, document); err != nil {
		return fmt.Errorf("%s is not a valid document: %w", file, err)
	}
	return nil
}
