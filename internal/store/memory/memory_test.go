// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package memory_test

import (
	"testing"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/memory"
	"github.com/journeyman-dev/journeyman/internal/store/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return memory.New(identity.NewPolicy(nil)) }, storetest.Options{
		Limited: func(_ *testing.T, most int64) store.Store {
			s := memory.New(identity.NewPolicy(nil))
			s.SetMaxIdentities(most)
			return s
		},
	})
}
