// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"errors"
	"fmt"
	"os"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest/pipeline"
	"github.com/journeyman-dev/journeyman/internal/privacy"
)

// Forms returns all forms in which a pod with these files stores an identity, or stored it with a pepper that is still in the Secret: its normal
// form, or the hashes of that. Placeholders also have forms, because they could have been stored when the list of placeholders was shorter. No error
// contains the value of the identity.
func Forms(f Files, id event.Identity) ([]event.Identity, error) {
	raw, err := os.ReadFile(f.Config)
	if err != nil {
		return nil, fmt.Errorf("the configuration cannot be read: %w", err)
	}
	c, err := pipeline.ParseConfig(raw)
	if err != nil {
		return nil, err
	}
	normal, ok := privacy.NormalForm(id.Type, id.Value)
	if !ok {
		return nil, fmt.Errorf("the value is not a valid %s. A phone number needs its country code", id.Type)
	}
	pepper, err := optional(f.PepperDir, pipeline.PepperFile(c))
	if err != nil {
		return nil, err
	}
	s := &pipeline.Snapshot{Config: c}
	if s.SetHasher(pepper); s.PepperMissing {
		return nil, errors.New(s.Problem)
	}
	return s.Hasher.All(id.Type, normal), nil
}
